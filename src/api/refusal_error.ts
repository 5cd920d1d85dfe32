import type { FieldErrors, Refusal } from "../accounts/mod.ts";
import { ApiError } from "./api_error.ts";

/** Soon enough for what passes by itself: a queue that is full, a server that stops. */
const RETRY_AFTER_SECONDS = 1;

/** The one table from what a service refused to an HTTP answer. */
export function refusalError(refusal: Refusal, what: string): ApiError {
  switch (refusal.kind) {
    case "invalid":
    case "name_taken":
      return new ApiError(400, sentence(what, refusal.fields), { fields: refusal.fields });
    case "not_found":
      return new ApiError(404, `No ${what} has this id or name`);
    case "changed":
      return new ApiError(503, `This ${what} is being changed all the time: read it again, and repeat the change`, {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    case "forbidden":
      return new ApiError(403, refusal.reason);
    case "unavailable":
      return new ApiError(503, refusal.reason, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    case "storage_failed":
      return new ApiError(
        507,
        "The server's disk did not take the change: nothing was saved. Use another server; the log of this one says what " +
          "is wrong with its disk",
      );
  }
}

function sentence(what: string, fields: FieldErrors): string {
  return `Invalid ${what}: ${Object.entries(fields).map(([name, why]) => `${name} ${why}`).join("; ")}`;
}
