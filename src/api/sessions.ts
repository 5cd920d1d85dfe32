import { Hono } from "hono";
import { answer, answerDone } from "./answer.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { refusalError } from "./refusal_error.ts";

/** Routes under `/api/sessions`: the caller's own. */
export function sessionRoutes({ accounts: { sessions } }: ApiParts, gate: Gate): Hono<SignedIn> {
  const signedIn = gate.signedIn();
  const routes = new Hono<SignedIn>();
  routes.get("/", signedIn, (c) => answer(c, sessions.list(c.var.principal)));
  routes.delete("/:id", signedIn, async (c) => {
    const outcome = await sessions.delete(c.var.principal, c.req.param("id"));
    if (outcome.kind !== "deleted") throw refusalError(outcome, "session");
    return answerDone(c, outcome);
  });
  return routes;
}
