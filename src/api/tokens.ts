import { Hono } from "hono";
import { answer, answerDone, tellCopies } from "./answer.ts";
import { readBody } from "./body.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { refusalError } from "./refusal_error.ts";
import { writeOptions } from "./write_options.ts";

/** Routes under `/api/tokens`: the caller's own. */
export function tokenRoutes({ accounts: { tokens } }: ApiParts, gate: Gate): Hono<SignedIn> {
  const signedIn = gate.signedIn();
  const routes = new Hono<SignedIn>();
  routes.get("/", signedIn, (c) => answer(c, tokens.list(c.var.principal)));
  routes.post("/", signedIn, async (c) => {
    const write = writeOptions(c);
    const outcome = await tokens.create(c.var.principal, await readBody(c), write);
    if (outcome.kind !== "created") throw refusalError(outcome, "token");
    tellCopies(c, outcome);
    return answer(c, { status: true, token_id: outcome.bearer }, 201); // To clients, the id is the bearer value.
  });
  routes.put("/:id", signedIn, async (c) => {
    const write = writeOptions(c);
    const outcome = await tokens.update(c.var.principal, c.req.param("id"), await readBody(c), { write });
    if (outcome.kind !== "updated") throw refusalError(outcome, "token");
    return answerDone(c, outcome);
  });
  routes.delete("/:id", signedIn, async (c) => {
    const outcome = await tokens.delete(c.var.principal, c.req.param("id"), writeOptions(c));
    if (outcome.kind !== "deleted") throw refusalError(outcome, "token");
    return answerDone(c, outcome);
  });
  return routes;
}
