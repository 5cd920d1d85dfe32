import type { Hono } from "hono";
import { type Accounts, Permission, type Principal, type User } from "../accounts/mod.ts";
import { answer } from "./answer.ts";
import { ApiError } from "./api_error.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { resourceRoutes, type SharedByResources } from "./resource.ts";

/** What spaces and tunnels would use: they do not exist here. */
const NOTHING_USED = {
  number_spaces: 0,
  number_spaces_deployed: 0,
  used_compute_units: 0,
  used_storage_units: 0,
  used_tunnels: 0,
};

const NO_SECRETS = { service_password: "", ssh_private_key: "", totp_secret: "" };

/** Routes under `/api/users`. */
export function userRoutes(parts: ApiParts, gate: Gate, shared: SharedByResources): Hono<SignedIn> {
  const { accounts } = parts;
  const { users } = accounts;
  const manage = gate.permit(Permission.ManageUsers);
  const own = gate.selfOrPermit(Permission.ManageUsers);
  const routes = resourceRoutes<User>({
    what: "user",
    idName: "user_id",
    ...shared,
    access: { list: manage, read: own, create: manage, change: own, delete: manage },
    list: (principal, query) => {
      const all = users.list({ state: stateOf(query("state")) }).map((user) => listBody(user, principal));
      return { count: all.length, users: all };
    },
    idOf: (user) => user.user_id,
    get: (_principal, id) => users.get(id),
    body: (user, principal) => userBody(accounts, user, principal),
    create: (principal, input, write) => users.create(principal, input, write),
    update: (principal, id, input, options) => users.update(principal, id, input, options),
    delete: (principal, id, write) => users.delete(principal, id, write),
  });

  const named = (id: string): User => {
    const user = users.get(id);
    if (!user) throw new ApiError(404, "No user has this id or name");
    return user;
  };
  routes.get("/:id/permissions", own, (c) => {
    return answer(c, { permissions: users.permissions(named(c.req.param("id")).user_id) });
  });
  routes.get("/:id/has-permission", own, (c) => {
    const number = c.req.query("permission") ?? "";
    if (!/^\d{1,5}$/.test(number)) {
      throw new ApiError(400, "Give the permission's number: ?permission=0", {
        fields: { permission: "must be a number" },
      });
    }
    const held = users.permissions(named(c.req.param("id")).user_id);
    return answer(c, { has_permission: held.includes(Number(number)) });
  });
  routes.get("/:id/quota", own, (c) => answer(c, quotaBody(accounts, named(c.req.param("id")))));
  return routes;
}

/** The whole user; the secrets only to the owner. */
export function userBody(accounts: Accounts, user: User, principal: Principal) {
  const isOwner = user.user_id === principal.userId;
  return { ...listBody(user, principal), ...(isOwner ? accounts.users.secrets(principal) ?? NO_SECRETS : NO_SECRETS) };
}

function listBody({ version: _version, has_totp: _hasTotp, ...user }: User, principal: Principal) {
  return {
    ...user,
    current: user.user_id === principal.userId,
    ...NOTHING_USED,
    number_spaces_deployed_in_zone: 0,
  };
}

/** A user's limits with those of their groups added; unlimited stays unlimited. */
function quotaBody({ groups }: Accounts, user: User) {
  const shares = [user, ...user.groups.map((id) => groups.get(id)).filter((group) => group !== undefined)];
  const sum = (name: "max_spaces" | "compute_units" | "storage_units" | "max_tunnels") =>
    shares.some((share) => share === user && share[name] === 0)
      ? 0
      : shares.reduce((total, share) => total + share[name], 0);
  return {
    max_spaces: sum("max_spaces"),
    compute_units: sum("compute_units"),
    storage_units: sum("storage_units"),
    max_tunnels: sum("max_tunnels"),
    ...NOTHING_USED,
  };
}

function stateOf(text = ""): "all" | "active" | "inactive" {
  if (text === "" || text === "all") return "all";
  if (text === "active" || text === "inactive") return text;
  throw new ApiError(400, "Cannot list users: state must be active, inactive or all", {
    fields: { state: "must be active, inactive or all" },
  });
}
