import { birthOf, withBirth } from "./birth.ts";
import { type Reading, readingOf } from "./reading.ts";
import type { Membership, RecordState, Register } from "./record.ts";

/** What of a record was written at or before `reading`; undefined when nothing was. */
export function upTo(state: RecordState, reading: Reading): RecordState | undefined {
  const isPast = ({ stamp }: Register | Membership) => readingOf(stamp) <= reading;
  if (state.deletedAt !== undefined) return readingOf(state.deletedAt) <= reading ? state : undefined;
  const fields = new Map([...state.fields].filter(([, register]) => isPast(register)));
  const sets = new Map<string, ReadonlyMap<string, Membership>>();
  for (const [name, elements] of state.sets) {
    const past = [...elements].filter(([, membership]) => isPast(membership));
    if (past.length > 0) sets.set(name, new Map(past));
  }
  if (fields.size + sets.size === 0) return undefined;
  return withBirth({ kind: state.kind, id: state.id, fields, sets }, birthOf(state));
}
