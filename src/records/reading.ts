import type { Stamp } from "./record.ts";

/**
 * Milliseconds and counter of a hybrid clock, without the node: the first 16 hex digits of a {@link Stamp}. Text order is
 * clock order. A server gives each reading to one commit at most.
 */
export type Reading = string;

const READING_DIGITS = 16;
const COUNTER_DIGITS_MAX = "ffff";

/** Before every stamp. */
export const NO_READING: Reading = "0".repeat(READING_DIGITS);

/** The reading that a well-formed stamp was given at. */
export function readingOf(stamp: Stamp): Reading {
  return stamp.slice(0, READING_DIGITS);
}

/** A node id as stamps have it: 32 lower-case hex digits. @param nodeId a UUID, with or without dashes */
export function authorNamed(nodeId: string): string {
  return nodeId.replaceAll("-", "").toLowerCase();
}

/** Who gave a well-formed stamp, as {@link authorNamed}. */
export function authorOf(stamp: Stamp): string {
  return stamp.slice(READING_DIGITS);
}

/** The last reading of a millisecond since the Unix epoch. @param ms 0 to {@link STAMP_MS_MAX} */
export function readingAtEndOf(ms: number): Reading {
  return ms.toString(16).padStart(READING_DIGITS - COUNTER_DIGITS_MAX.length, "0") + COUNTER_DIGITS_MAX;
}

/** Milliseconds since the Unix epoch of a well-formed reading. */
export function readingMs(reading: Reading): number {
  return parseInt(reading.slice(0, READING_DIGITS - COUNTER_DIGITS_MAX.length), 16);
}

/** Whether `text` is a well-formed reading. */
export function isReading(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}
