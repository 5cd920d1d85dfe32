import { contestedFields, type Input, rebased } from "./form_body.ts";
import type { Complaint } from "./refusal.ts";

/** Longer texts are not repeated in the message: the record itself shows them. */
const SHOWN_CHARACTERS_MAX = 80;

/** An edit that would write over what its author has not seen. */
export interface Contested {
  readonly complaint: Complaint;
  /** For the form's hidden field: once its author has seen the message, saving replaces what it told of. */
  readonly base: string;
}

/** Whether somebody else changed, since it was read, what this edit changes as well; undefined where nobody did. */
export function contested(
  { sent, encoded, current }: { sent: Input; encoded: string; current: Input },
): Contested | undefined {
  const names = contestedFields({ sent, encoded, current });
  if (names.length === 0) return undefined;
  return {
    complaint: {
      status: 409,
      message: "Nothing was saved: somebody else changed the same while you were editing. Save again to replace it.",
      errors: Object.fromEntries(names.map((name) => [name, `was changed${nowText(current[name])}`])),
    },
    base: rebased(encoded, current, names),
  };
}

function nowText(value: unknown): string {
  if (typeof value === "boolean") return ` to ${value ? "yes" : "no"}`;
  if (typeof value === "number") return ` to ${value}`;
  if (typeof value !== "string" || value.length > SHOWN_CHARACTERS_MAX) return "";
  return value === "" ? " to nothing" : ` to “${value}”`;
}
