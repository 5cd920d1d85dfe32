import type { Node } from "../node/mod.ts";
import { ADMIN_ROLE_ID, type RecordView } from "../records/mod.ts";
import { PERMISSION_NUMBER_MAX, type PermissionNumber, PERMISSIONS } from "./permission.ts";
import type { Principal } from "./principal.ts";

/** What somebody may do, as of now. */
export interface Rights {
  readonly admin: boolean;
  /** Numbers of the roles without the admin's. */
  readonly numbers: ReadonlySet<PermissionNumber>;
}

/** Joins a user's roles with what they carry now. A role that is gone, or not here yet, carries nothing. */
export function rightsOf(node: Node, user: RecordView): Rights {
  return rightsOfRoles(node, user.sets.roles ?? []);
}

/** The rights that these role ids give together. */
export function rightsOfRoles(node: Node, roleIds: Iterable<string>): Rights {
  const numbers = new Set<PermissionNumber>();
  let admin = false;
  for (const id of roleIds) {
    if (id === ADMIN_ROLE_ID) admin = true;
    else for (const number of permissionsOfRole(node.get("role", id))) numbers.add(number);
  }
  return { admin, numbers };
}

/** The numbers stored in a role, ascending; what is no permission number is left out. */
export function permissionsOfRole(role: RecordView | undefined): PermissionNumber[] {
  const stored = role?.fields.permissions;
  if (!Array.isArray(stored)) return [];
  const numbers = stored.filter((value): value is number =>
    typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= PERMISSION_NUMBER_MAX
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** As the API lists them: ascending; an admin's are all that this server knows. */
export function listedPermissions(rights: Rights): readonly PermissionNumber[] {
  if (rights.admin) return PERMISSIONS.map((permission) => permission.id);
  return [...rights.numbers].sort((a, b) => a - b);
}

/** Whether the caller holds all of `rights`: who does not may neither give nor take them. */
export function covers(principal: Principal, rights: Rights): boolean {
  if (principal.admin) return true;
  return !rights.admin && [...rights.numbers].every((number) => principal.can(number));
}

/** Admins who can act: active, and not locked out by a clash of names. */
export function activeAdmins(node: Node): string[] {
  return node.list("user")
    .filter((user) => isActive(user) && user.sets.roles?.includes(ADMIN_ROLE_ID) && !node.inConflict("user", user.id))
    .map((user) => user.id);
}

/** A user without the field, from a version that had none, is not active: safe before handy. */
export function isActive(user: RecordView): boolean {
  return user.fields.active === true;
}
