import { Hono } from "hono";
import { z } from "zod";
import { answer } from "./answer.ts";
import { ApiError } from "./api_error.ts";
import { readBody, STRANGER_BODY_BYTES_MAX } from "./body.ts";
import { callerOf } from "./client_ip.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { refusalError } from "./refusal_error.ts";

/** Whatever is no text reads as empty: the service then says what is wrong with it. */
const text = z.string().catch("");
const SetupRequest = z.object({ token: text, username: text, email: text, password: text });

/** `POST /api/setup`: the first admin, made by whoever can read the one-time token. */
export function setupRoutes(parts: ApiParts, gate: Gate): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  routes.post("/", gate.open, async (c) => {
    const body = SetupRequest.safeParse(await readBody(c, STRANGER_BODY_BYTES_MAX));
    if (!body.success) throw new ApiError(400, "Cannot set up: send token, username, email and password");
    const outcome = await parts.accounts.setup.setUp(body.data, callerOf(c, parts));
    switch (outcome.kind) {
      case "set_up":
        return answer(c, { status: true, user_id: outcome.userId }, 201);
      case "already_set_up":
        throw new ApiError(409, "This server is set up already");
      case "wrong_token":
        throw new ApiError(
          403,
          "The setup token is wrong: the server's log and the file setup-token in its data folder hold it",
        );
      case "joining":
        throw new ApiError(503, "This server is still joining its cluster", { retryAfterSeconds: 2 });
      case "rate_limited":
        throw new ApiError(429, "Too many failed attempts: wait a little, then try again", outcome);
      default:
        throw refusalError(outcome, "setup");
    }
  });
  return routes;
}
