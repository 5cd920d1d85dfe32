import { Hono } from "hono";
import { Permission } from "../accounts/mod.ts";
import { answer } from "./answer.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";

/** Hits of one kind, as the original: a palette shows a handful, the page shows all. */
const HITS_MAX = 5;
/** Longer than any name. */
const QUERY_CHARACTERS_MAX = 256;

interface Hit {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
}

/** `GET /api/search?q=`: names that hold the text, of what the caller may see; kinds without a hit are left out. */
export function searchRoutes({ accounts, templates }: ApiParts, gate: Gate): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  routes.get("/", gate.signedIn(), (c) => {
    const { principal } = c.var;
    const query = (c.req.query("q") ?? "").trim().slice(0, QUERY_CHARACTERS_MAX);
    const needle = query.toLowerCase();
    const matching = (hits: readonly Hit[]) =>
      hits.filter(({ name, description }) =>
        name.toLowerCase().includes(needle) || description?.toLowerCase().includes(needle)
      )
        .slice(0, HITS_MAX);
    const found: Record<string, readonly Hit[]> = needle === "" ? {} : {
      templates: matching(
        templates.templates.list(principal).map((template) => ({
          id: template.template_id,
          name: template.name,
          description: template.description,
        })),
      ),
      variables: matching(
        templates.variables.list(principal).map((variable) => ({
          id: variable.templatevar_id,
          name: variable.name,
          description: variable.zones.length === 0 ? "All zones" : variable.zones.join(", "),
        })),
      ),
      users: !principal.can(Permission.ManageUsers) ? [] : matching(
        accounts.users.list().map((user) => ({ id: user.user_id, name: user.username, description: user.email })),
      ),
      groups: !principal.can(Permission.ManageGroups) ? [] : matching(
        accounts.groups.list().map((group) => ({ id: group.group_id, name: group.name })),
      ),
      roles: !principal.can(Permission.ManageRoles) ? [] : matching(
        accounts.roles.list().map((role) => ({ id: role.role_id, name: role.name })),
      ),
      tokens: matching(accounts.tokens.list(principal).map((token) => ({ id: token.token_id, name: token.name }))),
    };
    return answer(c, { query, ...Object.fromEntries(Object.entries(found).filter(([, hits]) => hits.length > 0)) });
  });
  return routes;
}
