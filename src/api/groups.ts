import type { Hono } from "hono";
import { type Group, Permission } from "../accounts/mod.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { resourceRoutes, type SharedByResources } from "./resource.ts";

/** Routes under `/api/groups`. */
export function groupRoutes({ accounts: { groups } }: ApiParts, gate: Gate, shared: SharedByResources): Hono<SignedIn> {
  const manage = gate.permit(Permission.ManageGroups);
  return resourceRoutes<Group>({
    what: "group",
    idName: "group_id",
    ...shared,
    access: { list: manage, read: manage, create: manage, change: manage, delete: manage },
    list: () => {
      const all = groups.list().map(groupBody);
      return { count: all.length, groups: all };
    },
    idOf: (group) => group.group_id,
    get: (_principal, id) => groups.get(id),
    body: groupBody,
    create: (principal, input, write) => groups.create(principal, input, write),
    update: (principal, id, input, options) => groups.update(principal, id, input, options),
    delete: (principal, id, write) => groups.delete(principal, id, write),
  });
}

function groupBody({ version: _version, ...group }: Group) {
  return group;
}
