import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Replicated } from "../accounts/mod.ts";
import type { ApiError } from "./api_error.ts";
import { MESSAGE_PACK, packMessage } from "./message_pack.ts";

/** Sends a plain value as the client accepts it: MessagePack where `Accept` names it, else JSON. */
export function answer(c: Context, value: unknown, status: ContentfulStatusCode = 200): Response {
  c.header("Vary", "Accept");
  const accepted = (c.req.header("Accept") ?? "").split(",").map((part) => part.split(";")[0].trim().toLowerCase());
  if (!accepted.includes(MESSAGE_PACK)) return c.json(value as object, status);
  return c.body(packMessage(value), status, { "Content-Type": MESSAGE_PACK });
}

/** 201 `{"status": true, "<kind>_id": id}`. */
export function answerCreated(c: Context, idName: string, outcome: { readonly id: string } & Replicated): Response {
  tellCopies(c, outcome);
  return answer(c, { status: true, [idName]: outcome.id }, 201);
}

/** 200 without a body, as the original answers updates and deletions. */
export function answerDone(c: Context, outcome: Replicated): Response {
  tellCopies(c, outcome);
  return c.body(null, 200);
}

/** `Knot-Copies: 2/3`: two of three live servers hold the change, this one included. */
export function tellCopies(c: Context, { copies, members }: Replicated): void {
  c.header("Knot-Copies", `${copies}/${members}`);
}

/** `{"error": text, "fields"?}`. */
export function answerError(c: Context, error: ApiError): Response {
  if (error.retryAfterSeconds !== undefined) c.header("Retry-After", String(error.retryAfterSeconds));
  return answer(c, { error: error.message, ...(error.fields && { fields: error.fields }) }, error.status);
}
