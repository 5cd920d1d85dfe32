import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { FieldErrors } from "../accounts/mod.ts";

/** An answer that is no success; whatever handler finds one throws it, and one place turns it into `{"error", "fields"?}`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: ContentfulStatusCode;
  readonly fields: FieldErrors | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: ContentfulStatusCode,
    message: string,
    { fields, retryAfterSeconds }: { fields?: FieldErrors; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.fields = fields;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
