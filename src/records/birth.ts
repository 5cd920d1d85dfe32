import type { RecordState, Stamp } from "./record.ts";
import { stampRange } from "./stamp.ts";

/** The stamp of a record's creation, which edits do not change; of a tombstone its own. */
export function birthOf(state: RecordState): Stamp {
  return stampRange(state).least;
}

/**
 * A live record that was born at `birth`. That is noted only while no register says so: else equal records could look
 * different.
 */
export function withBirth({ kind, id, fields, sets }: RecordState, birth: Stamp): RecordState {
  const plain: RecordState = { kind, id, fields, sets };
  return birth < stampRange(plain).least ? { ...plain, born: birth } : plain;
}
