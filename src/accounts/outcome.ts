import type { WriteOptions, WriteOutcome } from "../node/mod.ts";

/** Why, by field, in words that complete the field's name: `{ username: "is taken" }`. */
export type FieldErrors = Readonly<Record<string, string>>;

/** How a request ended that changed nothing. */
export type Refusal =
  /** The input breaks a rule; every broken field is named. */
  | { readonly kind: "invalid"; readonly fields: FieldErrors }
  /** Another record has this unique name. */
  | { readonly kind: "name_taken"; readonly fields: FieldErrors }
  | { readonly kind: "not_found" }
  /** The record is at another version than the one that the caller named. */
  | { readonly kind: "changed" }
  /** The caller may not do this; `reason` is a sentence for them. */
  | { readonly kind: "forbidden"; readonly reason: string }
  /** Worth trying again soon: too busy, the clock is off, stopping. */
  | { readonly kind: "unavailable"; readonly reason: string }
  /** The disk did not take it. */
  | { readonly kind: "storage_failed"; readonly reason: string };

/** What every accepted write tells: `copies` servers hold it, this one included, of `members` that were live. */
export interface Replicated {
  readonly copies: number;
  readonly members: number;
}

/** How making a record ended. */
export type CreateOutcome = ({ readonly kind: "created"; readonly id: string } & Replicated) | Refusal;

/** How changing a record ended; `updated` also when nothing differed. `version`: of the record as this change left it, without later ones. */
export type UpdateOutcome = ({ readonly kind: "updated"; readonly version?: string } & Replicated) | Refusal;

/** How deleting a record ended. */
export type DeleteOutcome = ({ readonly kind: "deleted" } & Replicated) | Refusal;

/** What a caller may add to an update. */
export interface UpdateOptions {
  /**
   * What the caller had read before it edited, in the input's shape (the `If-Match` version, or the form's hidden base). Only fields that
   * differ from it count as changed, so that two people editing different fields do not undo each other. Without it, or for
   * fields it leaves out, the current values are compared.
   */
  readonly base?: Readonly<Record<string, unknown>>;
  /** The version to which the caller's decision belongs: `changed` when the record is at another one. */
  readonly version?: string;
  readonly write?: WriteOptions;
}

/** The outcome of a creation, from the write's. */
export function created(id: string, outcome: WriteOutcome): CreateOutcome {
  if (outcome.kind !== "committed") return refusalOf(outcome);
  return { kind: "created", id, copies: outcome.copies, members: outcome.members };
}

/** The outcome of a change, from the write's. */
export function updated(outcome: WriteOutcome): UpdateOutcome {
  if (outcome.kind !== "committed") return refusalOf(outcome);
  return { ...outcome, kind: "updated" };
}

/** The outcome of a deletion, from the write's. */
export function deleted(outcome: WriteOutcome): DeleteOutcome {
  if (outcome.kind !== "committed") return refusalOf(outcome);
  return { kind: "deleted", copies: outcome.copies, members: outcome.members };
}

function refusalOf(outcome: Exclude<WriteOutcome, { kind: "committed" }>): Refusal {
  switch (outcome.kind) {
    case "name_taken":
      return { kind: "name_taken", fields: { [outcome.field]: "is taken" } };
    case "not_found":
      return { kind: "not_found" };
    case "changed":
      return { kind: "changed" };
    case "id_used": // A fresh random id that was used before: trying again draws another.
      return { kind: "unavailable", reason: "The new record's id was used before; please try again" };
    case "storage_failed":
    case "unavailable":
      return outcome;
  }
}
