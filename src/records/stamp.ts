import { assert } from "../base/mod.ts";
import type { RecordState, Stamp } from "./record.ts";

/** Greatest milliseconds a stamp can carry: 48 bits, the year 10889. */
export const STAMP_MS_MAX = 2 ** 48 - 1;
/** Greatest logical counter a stamp can carry: 16 bits. */
export const STAMP_COUNTER_MAX = 0xffff;
/** Bytes of a stamp in packed form. */
export const STAMP_BYTES = 24;

const STAMP_PATTERN = /^[0-9a-f]{48}$/;
const NODE_PATTERN = /^[0-9a-f]{32}$/;

/** A stamp taken apart. */
export interface StampParts {
  /** Milliseconds since the Unix epoch, 0 … {@link STAMP_MS_MAX}. */
  readonly ms: number;
  /** Orders stamps within one millisecond, 0 … {@link STAMP_COUNTER_MAX}. */
  readonly counter: number;
  /** Who gave the stamp, as 32 lower-case hex digits. */
  readonly node: string;
}

/** The stamp of `parts`. */
export function formatStamp({ ms, counter, node }: StampParts): Stamp {
  assert(Number.isInteger(ms) && ms >= 0 && ms <= STAMP_MS_MAX, `Cannot format stamp: ${ms} ms is out of range`);
  assert(
    Number.isInteger(counter) && counter >= 0 && counter <= STAMP_COUNTER_MAX,
    `Cannot format stamp: counter ${counter} is out of range`,
  );
  assert(NODE_PATTERN.test(node), `Cannot format stamp: node "${node}" is not 32 hex digits`);
  return ms.toString(16).padStart(12, "0") + counter.toString(16).padStart(4, "0") + node;
}

/** Whether `text` is a well-formed stamp. */
export function isStamp(text: string): boolean {
  return STAMP_PATTERN.test(text);
}

/** The parts of a well-formed stamp. */
export function parseStamp(stamp: Stamp): StampParts {
  assert(isStamp(stamp), `Cannot parse stamp "${stamp}": expected 48 lower-case hex digits`);
  return { ms: stampMs(stamp), counter: parseInt(stamp.slice(12, 16), 16), node: stamp.slice(16) };
}

/** Milliseconds since the Unix epoch of a well-formed stamp. */
export function stampMs(stamp: Stamp): number {
  return parseInt(stamp.slice(0, 12), 16);
}

/** All stamps of a record, in no order and with repetitions. */
export function* stampsOf(state: RecordState): Generator<Stamp> {
  if (state.deletedAt !== undefined) yield state.deletedAt;
  if (state.born !== undefined) yield state.born;
  for (const register of state.fields.values()) yield register.stamp;
  for (const elements of state.sets.values()) {
    for (const membership of elements.values()) yield membership.stamp;
  }
}

/** The least and greatest stamp of a record; every record has at least one. */
export function stampRange(state: RecordState): { readonly least: Stamp; readonly greatest: Stamp } {
  let least: Stamp | undefined;
  let greatest: Stamp | undefined;
  for (const stamp of stampsOf(state)) {
    if (least === undefined || stamp < least) least = stamp;
    if (greatest === undefined || stamp > greatest) greatest = stamp;
  }
  assert(
    least !== undefined && greatest !== undefined,
    `Cannot range over stamps of ${state.kind} "${state.id}": none`,
  );
  return { least, greatest };
}
