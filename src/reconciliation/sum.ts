/** 2^32. */
const HALF = 4294967296;

/** A sum of 64-bit hashes modulo 2^64, in two halves: order does not matter, and a hash can be taken out again. */
export interface Sum {
  high: number;
  low: number;
  /** How many hashes are in it. */
  count: number;
}

/** The sum of nothing. */
export function emptySum(): Sum {
  return { high: 0, low: 0, count: 0 };
}

/** Adds one hash to `sum`. */
export function addHash(sum: Sum, high: number, low: number): void {
  const lowSum = sum.low + low;
  sum.low = lowSum >>> 0;
  sum.high = (sum.high + high + (lowSum >= HALF ? 1 : 0)) >>> 0;
  sum.count++;
}

/** Takes out one hash that {@link addHash} put in. */
export function removeHash(sum: Sum, high: number, low: number): void {
  const lowRest = sum.low - low;
  sum.low = lowRest >>> 0;
  sum.high = (sum.high - high - (lowRest < 0 ? 1 : 0)) >>> 0;
  sum.count--;
}

/** Adds all of `other` to `sum`. */
export function addSum(sum: Sum, other: Readonly<Sum>): void {
  addHash(sum, other.high, other.low);
  sum.count += other.count - 1;
}

/** Takes all of `part` out of `sum`. */
export function removeSum(sum: Sum, part: Readonly<Sum>): void {
  removeHash(sum, part.high, part.low);
  sum.count += 1 - part.count;
}

/** 16 hex digits. */
export function sumText({ high, low }: Readonly<Sum>): string {
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

/**
 * 32 bits of `high`, `low` and `salt`, all of which change about half of them: the finalizer of MurmurHash3. A short form of a
 * keyed hash: two that clash under one salt hardly do so under the next.
 */
export function shortened(high: number, low: number, salt: number): number {
  let mixed = Math.imul(high ^ salt, 0x85ebca6b) ^ Math.imul(low ^ (salt << 7), 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  mixed = Math.imul(mixed + low, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed + high, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return mixed >>> 0;
}
