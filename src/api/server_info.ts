import { Hono } from "hono";
import { answer } from "./answer.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";

/** What a client asks about the server itself: `/api/ping`, `/api/server-info`, `/api/permissions`. */
export function serverInfoRoutes({ node, accounts, version, zone }: ApiParts, gate: Gate): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  routes.get("/ping", gate.signedIn({ scoped: true }), (c) => answer(c, { status: true, version, zone }));
  routes.get("/server-info", gate.signedIn({ scoped: true }), (c) => {
    return answer(c, { version, wildcard_domain: "", clustered: node.status().clustered });
  });
  routes.get("/permissions", gate.signedIn(), (c) => {
    const permissions = accounts.permissions.list();
    return answer(c, { count: permissions.length, permissions });
  });
  return routes;
}
