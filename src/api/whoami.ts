import { Hono } from "hono";
import { answer } from "./answer.ts";
import { ApiError } from "./api_error.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { userBody } from "./users.ts";

/** `GET /api/users/whoami`: the one thing that a token narrowed to scopes may ask too; secrets are left out then. */
export function whoamiRoutes({ accounts }: ApiParts, gate: Gate): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  routes.get("/whoami", gate.signedIn({ scoped: true }), (c) => {
    const user = accounts.users.get(c.var.principal.userId);
    if (!user) throw new ApiError(401, "Sign in first: your user is gone");
    return answer(c, userBody(accounts, user, c.var.principal));
  });
  return routes;
}
