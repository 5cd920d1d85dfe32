import { PART_BITS } from "./message.ts";
import { shortened, type Sum } from "./sum.ts";

/** Short form of a range's sum and count, {@link PART_BITS} bits. */
export function shortFingerprint({ high, low, count }: Readonly<Sum>, salt: number): number {
  return shortened(high, (low ^ Math.imul(count, 0x9e3779b1)) >>> 0, salt) >>> (32 - PART_BITS);
}

/** Short form of one record's hash, `bits` bits; the first 16 of 24 are those of 16. */
export function shortHash({ high, low }: { high: number; low: number }, salt: number, bits: number): number {
  return shortened(high, low, salt) >>> (32 - bits);
}

/** Salted hash of an id, 32 bits: FNV-1a, stirred. */
export function idHash(id: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return shortened(hash, id.length, salt);
}
