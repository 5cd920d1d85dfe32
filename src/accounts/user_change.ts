import type { Node } from "../node/mod.ts";
import { ADMIN_ROLE_ID, type RecordView, type Value, type WriteBase } from "../records/mod.ts";
import type { Refusal } from "./outcome.ts";
import { Permission } from "./permission.ts";
import type { Principal } from "./principal.ts";
import { activeAdmins, covers, rightsOfRoles } from "./rights.ts";

/** Open fields that everybody may change of themselves; passwords besides. */
const OWN_FIELDS = new Set(["email", "ssh_public_key", "github_username", "preferred_shell", "timezone"]);

/** An update of a user, before it is decided. */
export interface ChangeRequest {
  readonly principal: Principal;
  readonly record: RecordView;
  /** The caller is that user. */
  readonly own: boolean;
  readonly fields: Readonly<Record<string, Value | undefined>>;
  readonly sets: { readonly roles?: readonly string[]; readonly groups?: readonly string[] };
  readonly base: WriteBase | undefined;
}

/** Why a change may not be made. Clients send whole users: only what differs from what they had read is looked at. */
export const changeRefusal = {
  all(node: Node, request: ChangeRequest): Refusal | undefined {
    return ownFieldsOnly(request) ?? usernameStays(node, request) ?? notOneself(request) ??
      unknownMembers(node, { roles: added(request, "roles"), groups: added(request, "groups") }) ??
      changeRefusal.roles(node, request.principal, added(request, "roles")) ?? changeRefusal.lastAdmin(node, request);
  },
  /** One admin who can act always stays. */
  lastAdmin(node: Node, request: ChangeRequest): Refusal | undefined {
    if (!endsAdmin(request)) return undefined;
    const admins = activeAdmins(node);
    if (admins.length !== 1 || admins[0] !== request.record.id) return undefined;
    const why = "must stay: this is the last active admin";
    return { kind: "invalid", fields: request.fields.active === false ? { active: why } : { roles: why } };
  },
  /** Nobody gives what they do not hold. */
  roles(node: Node, principal: Principal, given: readonly string[]): Refusal | undefined {
    if (covers(principal, rightsOfRoles(node, given))) return undefined;
    return { kind: "forbidden", reason: "You cannot give a role that carries a permission you lack" };
  },
};

/** Names roles and groups that do not exist; the original drops them without a word. */
export function unknownMembers(
  node: Node,
  { roles, groups }: { readonly roles: readonly string[]; readonly groups: readonly string[] },
): Refusal | undefined {
  const fields: Record<string, string> = {};
  const role = roles.find((id) => id !== ADMIN_ROLE_ID && !node.get("role", id));
  if (role !== undefined) fields.roles = `holds an unknown role: "${role}"`;
  const group = groups.find((id) => !node.get("group", id));
  if (group !== undefined) fields.groups = `holds an unknown group: "${group}"`;
  return Object.keys(fields).length === 0 ? undefined : { kind: "invalid", fields };
}

function ownFieldsOnly(request: ChangeRequest): Refusal | undefined {
  if (request.principal.can(Permission.ManageUsers)) return undefined;
  const foreign = changedFields(request).filter((name) => !OWN_FIELDS.has(name));
  for (const set of ["roles", "groups"] as const) {
    if (added(request, set).length + removed(request, set).length > 0) foreign.push(set);
  }
  if (foreign.length === 0) return undefined;
  return { kind: "forbidden", reason: `Changing ${foreign.join(", ")} needs the permission Manage Users` };
}

/** A username is how others know somebody; it changes only to mend a clash that a partition made. */
function usernameStays(node: Node, request: ChangeRequest): Refusal | undefined {
  if (!changedFields(request).includes("username")) return undefined;
  const present = String(request.record.fields.username ?? "");
  const owner = node.findByName("user", "username", present);
  if (owner !== undefined && owner.id !== request.record.id) return undefined;
  return { kind: "invalid", fields: { username: "cannot be changed" } };
}

function notOneself(request: ChangeRequest): Refusal | undefined {
  if (!request.own || request.fields.active !== false) return undefined;
  return { kind: "invalid", fields: { active: "cannot be taken from yourself" } };
}

/** Whether the change takes an admin's role, or the activity that makes it count: only such changes are made in turn. */
export function endsAdmin(request: ChangeRequest): boolean {
  if (!request.record.sets.roles?.includes(ADMIN_ROLE_ID)) return false;
  return request.fields.active === false || removed(request, "roles").includes(ADMIN_ROLE_ID);
}

function changedFields({ fields, base, record }: ChangeRequest): string[] {
  return Object.keys(fields).filter((name) => {
    const read = base && Object.hasOwn(base.fields, name) ? base.fields[name] : record.fields[name];
    return fields[name] !== undefined && fields[name] !== read;
  });
}

function added(request: ChangeRequest, set: "roles" | "groups"): string[] {
  const before = new Set(readSet(request, set));
  return (request.sets[set] ?? []).filter((element) => !before.has(element));
}

function removed(request: ChangeRequest, set: "roles" | "groups"): string[] {
  const wanted = request.sets[set];
  return wanted === undefined ? [] : readSet(request, set).filter((element) => !wanted.includes(element));
}

function readSet({ base, record }: ChangeRequest, set: "roles" | "groups"): readonly string[] {
  return (base && Object.hasOwn(base.sets, set) ? base.sets[set] : record.sets[set]) ?? [];
}
