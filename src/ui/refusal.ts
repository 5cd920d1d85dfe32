import type { Refusal } from "../accounts/mod.ts";
import type { Errors } from "./parts/fields.tsx";

/** A refused write as a page says it. */
export interface Complaint {
  readonly status: 200 | 403 | 404 | 409 | 422 | 503 | 507;
  /** A sentence for the top of the page; absent where the fields say it all. */
  readonly message?: string;
  readonly errors: Errors;
  /** The visitor asked for a check alone. */
  readonly checked?: boolean;
}

/** Translates what a service refused. `thing` is the record in words: "user". */
export function complaintOf(refusal: Refusal, thing: string): Complaint {
  switch (refusal.kind) {
    case "invalid":
      return { status: 422, errors: refusal.fields };
    case "name_taken":
      return { status: 409, errors: refusal.fields };
    case "not_found":
      return { status: 404, errors: {}, message: `This ${thing} no longer exists: somebody deleted it.` };
    case "changed":
      return {
        status: 409,
        errors: {},
        message: `Nothing was saved: this ${thing} is being changed all the time. Try again in a moment.`,
      };
    case "forbidden":
      return { status: 403, errors: {}, message: refusal.reason };
    case "unavailable":
      return {
        status: 503,
        errors: {},
        message: `Nothing was saved. ${asSentence(refusal.reason)} Try again in a moment.`,
      };
    case "storage_failed":
      return {
        status: 507,
        errors: {},
        message: `Nothing was saved: the server's disk did not take it. ${asSentence(refusal.reason)}`,
      };
  }
}

/** A cause as a sentence of its own: capital in front, full stop behind. */
export function asSentence(reason: string): string {
  const text = reason.charAt(0).toUpperCase() + reason.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The same for a write without a form of its own, in one sentence. */
export function complaintText(refusal: Refusal, thing: string): string {
  const { message, errors } = complaintOf(refusal, thing);
  const fields = Object.entries(errors).map(([name, why]) => `${name} ${why}`).join(", ");
  return message ?? `Nothing was saved: ${fields}.`;
}
