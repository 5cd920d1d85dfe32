import type { WriteOptions, WriteOutcome } from "../node/mod.ts";

/** Why, by field, in words that complete the field's name: `{ name: "is taken" }`. */
export type FieldErrors = Readonly<Record<string, string>>;

/** How a request ended that changed nothing. Same shape as the accounts' refusals, so that one table turns both into answers. */
export type Refusal =
  | { readonly kind: "invalid"; readonly fields: FieldErrors }
  | { readonly kind: "name_taken"; readonly fields: FieldErrors }
  | { readonly kind: "not_found" }
  | { readonly kind: "changed" }
  | { readonly kind: "forbidden"; readonly reason: string }
  | { readonly kind: "unavailable"; readonly reason: string }
  | { readonly kind: "storage_failed"; readonly reason: string };

/** What every accepted write tells: `copies` servers hold it, this one included, of `members` that were live. */
export interface Replicated {
  readonly copies: number;
  readonly members: number;
}

/** How making a record ended. */
export type CreateOutcome = ({ readonly kind: "created"; readonly id: string } & Replicated) | Refusal;

/** How changing a record ended; `updated` also when nothing differed. */
export type UpdateOutcome = ({ readonly kind: "updated"; readonly version?: string } & Replicated) | Refusal;

/** How deleting a record ended. */
export type DeleteOutcome = ({ readonly kind: "deleted" } & Replicated) | Refusal;

/** What a caller may add to an update. */
export interface UpdateOptions {
  /** What the caller had read before it edited, in the input's shape; see the accounts' option of the same name. */
  readonly base?: Readonly<Record<string, unknown>>;
  /** The version to which the caller's decision belongs. */
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
