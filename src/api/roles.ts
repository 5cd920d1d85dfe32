import type { Hono } from "hono";
import { Permission, type Role } from "../accounts/mod.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { resourceRoutes, type SharedByResources } from "./resource.ts";

/** Routes under `/api/roles`. */
export function roleRoutes({ accounts: { roles } }: ApiParts, gate: Gate, shared: SharedByResources): Hono<SignedIn> {
  const manage = gate.permit(Permission.ManageRoles);
  return resourceRoutes<Role>({
    what: "role",
    idName: "role_id",
    ...shared,
    access: { list: manage, read: manage, create: manage, change: manage, delete: manage },
    list: () => {
      const all = roles.list().map(({ role_id, name }) => ({ role_id, name }));
      return { count: all.length, roles: all };
    },
    idOf: (role) => role.role_id,
    get: (_principal, id) => roles.get(id),
    body: ({ role_id, name, permissions, in_conflict }) => ({ role_id, name, permissions, in_conflict }),
    create: (principal, input, write) => roles.create(principal, input, write),
    update: (principal, id, input, options) => roles.update(principal, id, input, options),
    delete: (principal, id, write) => roles.delete(principal, id, write),
  });
}
