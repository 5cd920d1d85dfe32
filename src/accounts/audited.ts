import type { AuditEvent, AuditService } from "./audit_log.ts";
import type { SessionService, SetupService, SignInService, UserService } from "./contract.ts";
import type { Principal } from "./principal.ts";

/** What a service of records tells: the rooms above have others than ours, of the same shape. */
interface Outcome {
  readonly kind: string;
  readonly id?: string;
}

/** The part of a record's service that is noted. `get` may want to know who looks. */
interface RecordService {
  create(principal: Principal, input: unknown, ...rest: never[]): Promise<Outcome>;
  update(principal: Principal, id: string, input: unknown, ...rest: never[]): Promise<Outcome>;
  delete(principal: Principal, id: string, ...rest: never[]): Promise<Outcome>;
}

/** How the records of a service are named and read. */
export interface Audited {
  /** In the original's words: "Group", "Variable". */
  readonly what: string;
  /** The record as the service shows it, by id or name. */
  readonly read: (principal: Principal, id: string) => object | undefined;
  /** Inputs that are never shown: that one was given is all that is noted. */
  readonly secrets?: readonly string[];
}

/** What of a record is not its author's doing, and changes with every edit. */
const UNTOLD = new Set(["version", "updated_at", "created_at", "hash", "in_conflict", "has_totp", "last_login_at"]);

/** The service, with each change that was made noted: who, what, and which fields, never their values. */
export function audited<T extends RecordService>(
  service: T,
  audit: AuditService,
  { what, read, secrets = [] }: Audited,
): T {
  const note = (principal: Principal, action: string, name: string, properties: Record<string, string>) =>
    audit.record(
      eventOf(principal, {
        event: `${what} ${action}`,
        details: `${action}d ${what.toLowerCase()} ${name}`,
        properties,
      }),
    );
  const wrapped: Record<string, unknown> = {
    async create(principal: Principal, input: unknown, ...rest: never[]) {
      const outcome = await service.create(principal, input, ...rest);
      if (outcome.kind === "created") {
        const id = outcome.id ?? "";
        note(principal, "Create", nameOf(read(principal, id) ?? {}, id), { id });
      }
      return outcome;
    },
    async update(principal: Principal, id: string, input: unknown, ...rest: never[]) {
      const before = read(principal, id);
      const outcome = await service.update(principal, id, input, ...rest);
      if (outcome.kind !== "updated" || before === undefined) return outcome;
      const after = read(principal, idOf(before, id)) ?? before;
      if (versionOf(after) === versionOf(before)) return outcome; // Sent, and the same as it was.
      const changed = [...new Set([...changedFields(before, after), ...givenSecrets(input, after, secrets)])];
      if (changed.length > 0) {
        note(principal, "Update", nameOf(after, id), { id: idOf(after, id), changed: changed.join(", ") });
      }
      return outcome;
    },
    async delete(principal: Principal, id: string, ...rest: never[]) {
      const before = read(principal, id) ?? {};
      const outcome = await service.delete(principal, id, ...rest);
      if (outcome.kind === "deleted") note(principal, "Delete", nameOf(before, id), { id: idOf(before, id) });
      return outcome;
    },
  };
  if ("import" in service) wrapped.import = importNoted(service as unknown as Importer, note);
  return overlaid(service, wrapped);
}

/** A service that makes or changes records from a text. */
interface Importer {
  import(principal: Principal, text: string, ...rest: never[]): Promise<Outcome & { readonly name?: string }>;
}

function importNoted(
  service: Importer,
  note: (principal: Principal, action: string, name: string, properties: Record<string, string>) => void,
): Importer["import"] {
  return async (principal, text, ...rest) => {
    const outcome = await service.import(principal, text, ...rest);
    const { kind, id = "", name = "" } = outcome;
    if (kind === "created" || kind === "updated") {
      note(principal, kind === "created" ? "Create" : "Update", name, { id, by: "import" });
    }
    return outcome;
  };
}

/** Users, with each change noted, the resetting of one-time codes among them. */
export function auditedUsers(users: UserService, audit: AuditService): UserService {
  const read = (_principal: Principal, id: string) => users.get(id);
  const resetTotp: UserService["resetTotp"] = async (principal, id) => {
    const outcome = await users.resetTotp(principal, id);
    if (outcome.kind === "updated") {
      const { username = id, user_id = id } = users.get(id) ?? {};
      const details = `Reset the one-time codes of ${username}`;
      audit.record(
        eventOf(principal, { event: "User Update", details, properties: { id: user_id, changed: "totp_secret" } }),
      );
    }
    return outcome;
  };
  const wrapped = audited(users, audit, { what: "User", read, secrets: ["password", "service_password"] });
  return overlaid(wrapped, { resetTotp });
}

/** Notes sign-ins that worked; those that did not are noted where it is known why. */
export function auditedSignIn(
  service: SignInService,
  audit: AuditService,
  usernameOf: (userId: string) => string,
): SignInService {
  const signIn: SignInService["signIn"] = async (input, caller) => {
    const outcome = await service.signIn(input, caller);
    const properties = { ip: caller.ip, user_agent: caller.userAgent };
    if (outcome.kind === "signed_in") {
      const actor = usernameOf(outcome.userId);
      audit.record({ actor, actorType: "User", event: "Login Success", details: `${actor} signed in`, properties });
    }
    return outcome;
  };
  return overlaid(service, { signIn });
}

/** Notes the ends of sessions: signing out, and from the list. */
export function auditedSessions(service: SessionService, audit: AuditService): SessionService {
  const remove: SessionService["delete"] = async (principal, id) => {
    const outcome = await service.delete(principal, id);
    if (outcome.kind === "deleted") {
      const own = principal.credential.id === id;
      const event = own ? "Logout" : "Session End";
      audit.record(
        eventOf(principal, { event, details: own ? `${principal.username} signed out` : "Ended a session" }),
      );
    }
    return outcome;
  };
  return overlaid(service, { delete: remove });
}

/** Notes the first-run setup. */
export function auditedSetup(service: SetupService, audit: AuditService): SetupService {
  const setUp: SetupService["setUp"] = async (input, caller) => {
    const outcome = await service.setUp(input, caller);
    if (outcome.kind === "set_up") {
      const properties = { id: outcome.userId, ip: caller.ip, user_agent: caller.userAgent };
      const details = "Made the first admin";
      audit.record({ actor: input.username, actorType: "User", event: "Setup", details, properties });
    }
    return outcome;
  };
  return overlaid(service, { setUp });
}

/** Who did it, and what proved it. */
export function eventOf(
  principal: Principal,
  { event, details, properties = {} }: Pick<AuditEvent, "event" | "details" | "properties">,
): AuditEvent {
  const via = { session: "session", token: "API token", operator: "console" }[principal.credential.kind];
  return {
    actor: principal.username,
    actorType: principal.credential.kind === "operator" ? "System" : "User",
    event,
    details,
    properties: { ...properties, via },
  };
}

/** `service` with some of its methods replaced; the others still run on the service itself, private fields and all. */
function overlaid<T extends object>(service: T, methods: Readonly<Record<string, unknown>>): T {
  return new Proxy(service, {
    get(target, name) {
      if (typeof name === "string" && Object.hasOwn(methods, name)) return methods[name];
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function changedFields(before: object, after: object): string[] {
  const [old, now] = [before, after] as Array<Record<string, unknown>>;
  return Object.keys(now).filter((name) =>
    !UNTOLD.has(name) && JSON.stringify(now[name]) !== JSON.stringify(old[name])
  );
}

/** Given, and not to be seen in the record: of what is shown it is known whether it changed. */
function givenSecrets(input: unknown, after: object, secrets: readonly string[]): string[] {
  const given = typeof input === "object" && input !== null ? input as Record<string, unknown> : {};
  const shown = after as Record<string, unknown>;
  return secrets.filter((name) => typeof given[name] === "string" && given[name] !== "" && !shown[name]);
}

function versionOf(record: object): unknown {
  return (record as { readonly version?: unknown }).version ?? record; // Records without one are told apart by their fields.
}

function nameOf(record: object, otherwise: string): string {
  const { username, name } = record as Record<string, unknown>;
  return String(username ?? name ?? otherwise);
}

/** Every record's view has its id in a field of its own name: `group_id`, `templatevar_id`. */
function idOf(record: object, otherwise: string): string {
  const [, id] =
    Object.entries(record).find(([name]) => /^(user|group|role|template|templatevar|token)_id$/.test(name)) ??
      [];
  return typeof id === "string" ? id : otherwise;
}
