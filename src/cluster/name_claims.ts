import {
  kindDefinition,
  normaliseName,
  type RecordKind,
  type RecordState,
  uniqueNames,
  type Write,
} from "../records/mod.ts";
import type { WriteOutcome } from "./outcome.ts";

/** A unique name of a kind, in the form in which all spellings of it are equal. */
function claimOf(kind: RecordKind, field: string, name: string): string {
  return `${kind}\0${field}\0${name}`;
}

function claimsOf(state: RecordState | undefined): string[] {
  return state === undefined ? [] : uniqueNames(state).map(({ field, name }) => claimOf(state.kind, field, name));
}

/** The unique names that a write may claim. */
export function claimsIn(write: Write): string[] {
  const { kind } = write;
  const fields = write.op === "delete" ? undefined : write.fields;
  return Object.keys(kindDefinition(kind)?.uniqueNames ?? {}).flatMap((field) => {
    const name = fields?.[field];
    return typeof name === "string" ? [claimOf(kind, field, normaliseName(kind, field, name))] : [];
  });
}

/** The unique names that a record has on one side of a change alone: those that it takes, and those that it sets free. */
export function claimsBetween(before: RecordState | undefined, after: RecordState): string[] {
  const [had, has] = [claimsOf(before), claimsOf(after)];
  return [...had.filter((claim) => !has.includes(claim)), ...has.filter((claim) => !had.includes(claim))];
}

/**
 * Checks the unique names that a write changes; undefined when they are free, and now claimed in `names`.
 *
 * @param before the record as the writer saw it: the names that it had need no claim
 * @param names record ids by claim, of the whole commit
 * @param ownerOf the record that has a name
 */
export function claimNames(
  state: RecordState,
  before: RecordState | undefined,
  names: Map<string, string>,
  ownerOf: (kind: RecordKind, field: string, name: string) => string | undefined,
): WriteOutcome | undefined {
  if (state.deletedAt !== undefined) return undefined;
  const had = claimsOf(before);
  for (const { field, name } of uniqueNames(state)) {
    const claim = claimOf(state.kind, field, name);
    if (had.includes(claim)) continue;
    const owner = names.get(claim) ?? ownerOf(state.kind, field, name);
    if (owner !== undefined && owner !== state.id) {
      return { kind: "name_taken", recordKind: state.kind, field, value: name };
    }
    names.set(claim, state.id);
  }
  return undefined;
}
