import type { Clock, Entropy } from "../base/mod.ts";
import type { Node, Write, WriteOptions } from "../node/mod.ts";
import { recordId, type RecordView } from "../records/mod.ts";
import { check } from "./check.ts";
import type { User, UserSecrets, UserService } from "./contract.ts";
import { OneAtATime } from "./one_at_a_time.ts";
import {
  created,
  type CreateOutcome,
  deleted,
  type DeleteOutcome,
  type FieldErrors,
  type Refusal,
  updated,
  type UpdateOptions,
  type UpdateOutcome,
} from "./outcome.ts";
import type { Passwords } from "./password.ts";
import { Permission } from "./permission.ts";
import type { Principal } from "./principal.ts";
import { activeAdmins, covers, listedPermissions, rightsOf } from "./rights.ts";
import type { Sealer } from "./sealer.ts";
import type { SessionStore } from "./session_store.ts";
import { baseOf, readFields } from "./stored_fields.ts";
import type { TokenStore } from "./token_store.ts";
import { changeRefusal, type ChangeRequest, endsAdmin, unknownMembers } from "./user_change.ts";
import { NewUser, UserChange } from "./user_input.ts";
import { USER_NAMES, userOf } from "./user_view.ts";

/** What the service is built of. */
export interface UserServiceParts {
  readonly node: Node;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly hasher: Passwords;
  readonly sealer: Sealer;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  /** Of users who choose none. */
  readonly timezone: string;
}

const BUSY = { kind: "unavailable", reason: "Too many passwords are being checked; please try again" } as const;
const NO_PERMISSION = { kind: "forbidden", reason: "This needs the permission Manage Users" } as const;
const OUTRANKED = { kind: "forbidden", reason: "This user holds a permission that you lack" } as const;

/** Users; the rules are those of {@link UserService}. */
export class Users implements UserService {
  readonly #parts: UserServiceParts;
  readonly #turn = new OneAtATime();

  constructor(parts: UserServiceParts) {
    this.#parts = parts;
  }

  list({ state = "all" }: { readonly state?: "all" | "active" | "inactive" } = {}): User[] {
    return this.#parts.node.list("user").map((record) => userOf(this.#parts.node, record))
      .filter((user) => state === "all" || user.active === (state === "active"))
      .sort((a, b) => a.username.localeCompare(b.username));
  }

  get(idOrName: string): User | undefined {
    const record = this.#find(idOrName);
    return record && userOf(this.#parts.node, record);
  }

  secrets(principal: Principal): UserSecrets | undefined {
    const record = this.#parts.node.get("user", principal.userId);
    if (!record) return undefined;
    const scoped = principal.credential.kind === "token" && principal.credential.scopes.length > 0;
    const stored = readFields(record, { service_password: "", totp_secret: "" });
    const open = (text: string) => scoped ? "" : this.#parts.sealer.open(text) ?? "";
    return {
      service_password: open(stored.service_password),
      ssh_private_key: "",
      totp_secret: open(stored.totp_secret),
    };
  }

  permissions(userId: string): readonly number[] {
    const record = this.#parts.node.get("user", userId);
    return record ? listedPermissions(rightsOf(this.#parts.node, record)) : [];
  }

  async create(principal: Principal, input: unknown, write?: WriteOptions): Promise<CreateOutcome> {
    const { node, clock, entropy, hasher, timezone: ours } = this.#parts;
    if (!principal.can(Permission.ManageUsers)) return NO_PERMISSION;
    const checked = check(NewUser, input);
    if (!checked.ok) return { kind: "invalid", fields: checked.fields };
    const { password, roles, groups, timezone = ours, ...given } = checked.value;
    const fields = { ...given, timezone };
    const refused = unknownMembers(node, { roles, groups }) ?? changeRefusal.roles(node, principal, roles);
    if (refused) return refused;
    const taken = this.#takenNames(fields);
    if (taken) return { kind: "name_taken", fields: taken };
    const hash = await hasher.hash(password);
    if (hash === "busy") return BUSY;
    const id = recordId(clock.wallMs(), entropy(16));
    return created(
      id,
      await node.write([{
        op: "create",
        kind: "user",
        id,
        fields: { ...fields, password_hash: hash },
        sets: { roles, groups },
      }], write),
    );
  }

  async update(
    principal: Principal,
    id: string,
    input: unknown,
    options: UpdateOptions = {},
  ): Promise<UpdateOutcome> {
    const { node, hasher, sealer, sessions } = this.#parts;
    const own = this.#find(id)?.id === principal.userId && principal.userId !== "";
    const record = own ? node.get("user", principal.userId)! : this.#changeable(principal, id);
    if (isRefusal(record)) return record;
    const checked = check(UserChange, input);
    if (!checked.ok) return { kind: "invalid", fields: checked.fields };
    const { password, service_password, roles, groups, ...fields } = checked.value;
    const base = baseOf(options.base, USER_NAMES);
    const request: ChangeRequest = { principal, record, own, fields, sets: { roles, groups }, base };
    const refused = changeRefusal.all(node, request);
    if (refused) return refused;

    const secrets: Record<string, string> = {};
    if (password !== undefined) {
      const hash = await hasher.hash(password);
      if (hash === "busy") return BUSY;
      secrets.password_hash = hash;
    }
    const stored = readFields(record, { service_password: "" }).service_password;
    // Sealing draws a nonce: sealing the same text again would count as a change.
    if (service_password !== undefined && service_password !== sealer.open(stored)) {
      secrets.service_password = sealer.seal(service_password);
    }
    const change: Write = {
      op: "update",
      kind: "user",
      id: record.id,
      fields: { ...withoutUndefined(fields), ...secrets },
      sets: withoutUndefined({ roles, groups }),
      base,
      version: options.version,
    };
    const outcome = await this.#commit(request, change, options.write);
    if (outcome.kind !== "updated") return outcome;
    if (password !== undefined || fields.active === false) await this.#endSessions(principal, record.id, sessions);
    return outcome;
  }

  async resetTotp(principal: Principal, id: string): Promise<UpdateOutcome> {
    const record = this.#changeable(principal, id);
    if (isRefusal(record)) return record;
    const change: Write = { op: "update", kind: "user", id: record.id, fields: { totp_secret: "" } };
    return updated(await this.#parts.node.write([change]));
  }

  async delete(principal: Principal, id: string, write?: WriteOptions): Promise<DeleteOutcome> {
    const { node, sessions, tokens } = this.#parts;
    const record = this.#changeable(principal, id);
    if (isRefusal(record)) return record;
    if (record.id === principal.userId) return { kind: "forbidden", reason: "You cannot delete yourself" };
    const remove = async (): Promise<DeleteOutcome> => {
      const admins = activeAdmins(node);
      if (admins.length === 1 && admins[0] === record.id) {
        return { kind: "forbidden", reason: "The last active admin cannot be deleted" };
      }
      return deleted(await node.write([{ op: "delete", kind: "user", id: record.id }], write));
    };
    const outcome = rightsOf(node, record).admin ? await this.#turn.run(remove) : await remove();
    // Useless already, since their user is gone; deleting them only tidies up.
    if (outcome.kind === "deleted") await Promise.all([sessions.endAllOf(record.id), tokens.deleteAllOf(record.id)]);
    return outcome;
  }

  /** Changes that could take the last admin are made in turn, each looking anew; all others do not wait for them. */
  async #commit(request: ChangeRequest, change: Write, options: WriteOptions | undefined): Promise<UpdateOutcome> {
    const { node } = this.#parts;
    const commit = async (): Promise<UpdateOutcome> => {
      const refused = changeRefusal.lastAdmin(node, request);
      if (refused) return refused;
      return updated(await node.write([change], options));
    };
    return endsAdmin(request) ? await this.#turn.run(commit) : await commit();
  }

  /** After a changed password or deactivation. The one it was changed in goes on. */
  async #endSessions(principal: Principal, userId: string, sessions: SessionStore): Promise<void> {
    const user = this.#parts.node.get("user", userId);
    const stays = principal.userId === userId && principal.credential.kind === "session" && user !== undefined;
    if (stays) await sessions.rebind(principal.credential.id, user);
    await sessions.endAllOf(userId, { but: stays ? principal.credential.id : undefined });
  }

  /** The user whom somebody who manages users may change, or why not. */
  #changeable(principal: Principal, id: string): RecordView | Refusal {
    if (!principal.can(Permission.ManageUsers)) return NO_PERMISSION; // Before the look-up: who exists is nobody else's business.
    const record = this.#find(id);
    if (!record) return { kind: "not_found" };
    return covers(principal, rightsOf(this.#parts.node, record)) ? record : OUTRANKED;
  }

  #find(idOrName: string): RecordView | undefined {
    const { node } = this.#parts;
    return node.get("user", idOrName) ?? node.findByName("user", "username", idOrName) ??
      node.findByName("user", "email", idOrName);
  }

  #takenNames(names: { username: string; email: string }): FieldErrors | undefined {
    const taken = (["username", "email"] as const)
      .filter((field) => this.#parts.node.findByName("user", field, names[field]) !== undefined);
    return taken.length === 0 ? undefined : Object.fromEntries(taken.map((field) => [field, "is taken"]));
  }
}

function isRefusal(found: RecordView | Refusal): found is Refusal {
  return !("version" in found);
}

function withoutUndefined<T>(object: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(object).filter((entry): entry is [string, T] => entry[1] !== undefined));
}
