import type { RecordState, Stamp } from "./record.ts";
import { stampRange } from "./stamp.ts";

/** The stamp of a record's creation, which neither edits nor the deletion change. */
export function birthOf(state: RecordState): Stamp {
  return stampRange(state).least;
}

/** The tombstone of a record that was born at `birth`, and with it by whom: who hears only of the end still knows of that. */
export function tombstone({ kind, id }: Pick<RecordState, "kind" | "id">, deletedAt: Stamp, birth: Stamp): RecordState {
  const none = { kind, id, deletedAt, fields: new Map(), sets: new Map() };
  return birth < deletedAt ? { ...none, born: birth } : none;
}

/**
 * A live record that was born at `birth`. That is noted only while no register says so: else equal records could look
 * different.
 */
export function withBirth({ kind, id, fields, sets }: RecordState, birth: Stamp): RecordState {
  const plain: RecordState = { kind, id, fields, sets };
  return birth < stampRange(plain).least ? { ...plain, born: birth } : plain;
}
