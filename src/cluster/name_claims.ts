import { type RecordKind, type RecordState, uniqueNames } from "../records/mod.ts";
import type { WriteOutcome } from "./outcome.ts";

/**
 * Checks the unique names that a write changes; undefined when they are free, and now claimed in `names`.
 *
 * @param before the record as the writer saw it: the names that it had need no claim
 * @param names record ids by claim, of the whole commit
 * @param ownerOf the record that has a name, or will have it when a commit under way is on disk
 */
export function claimNames(
  state: RecordState,
  before: RecordState | undefined,
  names: Map<string, string>,
  ownerOf: (kind: RecordKind, field: string, name: string, claim: string) => string | undefined,
): WriteOutcome | undefined {
  if (state.deletedAt !== undefined) return undefined;
  const had = new Set(before === undefined ? [] : uniqueNames(before).map(({ field, name }) => `${field}\0${name}`));
  for (const { field, name } of uniqueNames(state)) {
    if (had.has(`${field}\0${name}`)) continue;
    const claim = `${state.kind}\0${field}\0${name}`;
    const owner = names.get(claim) ?? ownerOf(state.kind, field, name, claim);
    if (owner !== undefined && owner !== state.id) {
      return { kind: "name_taken", recordKind: state.kind, field, value: name };
    }
    names.set(claim, state.id);
  }
  return undefined;
}
