import { z } from "zod";
import type { Clock, Entropy } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import { ADMIN_ROLE_ID, recordId, type RecordView } from "../records/mod.ts";
import { check, list } from "./check.ts";
import type { Role, RoleService } from "./contract.ts";
import { created, deleted, type Refusal, updated } from "./outcome.ts";
import { Permission, PERMISSION_NUMBER_MAX, type PermissionNumber, PERMISSIONS } from "./permission.ts";
import type { Principal } from "./principal.ts";
import { caseClash, recordName } from "./record_name.ts";
import { permissionsOfRole } from "./rights.ts";
import { baseOf, readFields } from "./stored_fields.ts";

/** More numbers than will ever be given out; keeps one role's record small. */
const PERMISSIONS_OF_ROLE_MAX = 1_024;

/** Equal sets are equal lists, so that sending a role back unchanged changes nothing. */
const permissions = list(z.int().min(0).max(PERMISSION_NUMBER_MAX), PERMISSIONS_OF_ROLE_MAX)
  .transform((numbers) => [...new Set(numbers)].sort((a, b) => a - b));
const name = recordName.refine((text) => text.toLowerCase() !== "admin", "is the built-in role's");
const NewRole = z.object({ name, permissions: permissions.default([]) });
const RoleChange = z.object({ name, permissions }).partial();

/** Built in, not a record: it cannot be lost, edited or clash. */
const ADMIN_ROLE: Role = {
  role_id: ADMIN_ROLE_ID,
  name: "Admin",
  permissions: PERMISSIONS.map((permission) => permission.id),
  built_in: true,
  in_conflict: false,
  version: "0000000000000000",
};

const NO_PERMISSION = { kind: "forbidden", reason: "Changing roles needs the permission Manage Roles" } as const;
const BUILT_IN = { kind: "forbidden", reason: "The admin role is built in: it cannot be changed or deleted" } as const;

/** Roles. */
export function createRoleService(
  { node, clock, entropy }: { node: Node; clock: Clock; entropy: Entropy },
): RoleService {
  const find = (idOrName: string) => node.get("role", idOrName) ?? node.findByName("role", "name", idOrName);
  const view = (record: RecordView): Role => ({
    role_id: record.id,
    ...readFields(record, { name: "" }),
    permissions: permissionsOfRole(record),
    built_in: false,
    in_conflict: node.inConflict("role", record.id),
    version: record.version,
  });
  /** The record to change, or why not. */
  const changeable = (principal: Principal, id: string): RecordView | Refusal => {
    if (!principal.can(Permission.ManageRoles)) return NO_PERMISSION;
    if (isAdminRole(id)) return BUILT_IN;
    const record = find(id);
    if (!record) return { kind: "not_found" };
    const missing = lacks(principal, permissionsOfRole(record));
    return missing ?? record;
  };
  return {
    list: () => [ADMIN_ROLE, ...node.list("role").map(view).sort((a, b) => a.name.localeCompare(b.name))],
    get(idOrName) {
      if (isAdminRole(idOrName)) return ADMIN_ROLE;
      const record = find(idOrName);
      return record && view(record);
    },
    async create(principal, input, write) {
      if (!principal.can(Permission.ManageRoles)) return NO_PERMISSION;
      const checked = check(NewRole, input);
      if (!checked.ok) return { kind: "invalid", fields: checked.fields };
      const missing = lacks(principal, checked.value.permissions);
      if (missing) return missing;
      const clash = caseClash(node, { kind: "role", name: checked.value.name });
      if (clash) return clash;
      const id = recordId(clock.wallMs(), entropy(16));
      return created(id, await node.write([{ op: "create", kind: "role", id, fields: checked.value }], write));
    },
    async update(principal, id, input, { base, version, write } = {}) {
      const record = changeable(principal, id);
      if (!("fields" in record && "sets" in record)) return record;
      const checked = check(RoleChange, input);
      if (!checked.ok) return { kind: "invalid", fields: checked.fields };
      const missing = lacks(principal, checked.value.permissions ?? []);
      if (missing) return missing;
      const { name } = checked.value;
      const clash = name === undefined || name === record.fields.name
        ? undefined
        : caseClash(node, { kind: "role", name, but: record.id });
      if (clash) return clash;
      return updated(
        await node.write([{
          op: "update",
          kind: "role",
          id: record.id,
          fields: checked.value,
          base: baseOf(base, { fields: ["name", "permissions"], sets: [] }),
          version,
        }], write),
      );
    },
    async delete(principal, id, write) {
      const record = changeable(principal, id);
      if (!("fields" in record && "sets" in record)) return record;
      return deleted(await node.write([{ op: "delete", kind: "role", id: record.id }], write));
    },
  };
}

function isAdminRole(idOrName: string): boolean {
  return idOrName === ADMIN_ROLE_ID || idOrName.toLowerCase() === "admin";
}

/** Nobody hands out, or takes from others, what they do not hold themselves. */
function lacks(principal: Principal, numbers: readonly PermissionNumber[]): Refusal | undefined {
  const missing = numbers.filter((number) => !principal.can(number));
  if (missing.length === 0) return undefined;
  const names = missing.map((number) => PERMISSIONS.find((known) => known.id === number)?.name ?? `number ${number}`);
  return { kind: "forbidden", reason: `You lack a permission that this role has: ${names.slice(0, 10).join(", ")}` };
}
