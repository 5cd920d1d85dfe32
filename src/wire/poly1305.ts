import { wordAt } from "./chacha20.ts";

/**
 * Poly1305 (RFC 8439 §2.5) without memory of its own for each message: one sum for all, since nothing here waits or calls back. Its
 * steps do not depend on what it sums.
 */

/** Bytes that are taken at a time, and of a tag. */
export const PART_BYTES = 16;

/** Numbers are six limbs of 22 bits, in floating point: the products of two numbers, summed, stay below 2^53 and so exact. */
const LIMB_BITS = 22;
const LIMB = 2 ** LIMB_BITS;
const LIMB_MASK = LIMB - 1;
/** The last limb ends at 2^130. */
const LAST_LIMB = 2 ** 20;
/** 2^132 modulo the prime 2^130 − 5. */
const WRAP = 20;

const multiplier = new Float64Array(6);
const sum = new Float64Array(6);
const pad = new Float64Array(4);
const words = new Uint32Array(4);
const tail = new Uint8Array(PART_BYTES);
const tag = new Uint8Array(PART_BYTES);

/** Begins a sum. @param key 32 bytes, never used twice */
export function beginTag(key: Uint8Array): void {
  const t0 = wordAt(key, 0) & 0x0fffffff, t1 = wordAt(key, 4) & 0x0ffffffc;
  const t2 = wordAt(key, 8) & 0x0ffffffc, t3 = wordAt(key, 12) & 0x0ffffffc;
  multiplier[0] = t0 & LIMB_MASK;
  multiplier[1] = (t0 >>> 22 | t1 << 10) & LIMB_MASK;
  multiplier[2] = (t1 >>> 12 | t2 << 20) & LIMB_MASK;
  multiplier[3] = t2 >>> 2 & LIMB_MASK;
  multiplier[4] = (t2 >>> 24 | t3 << 8) & LIMB_MASK;
  multiplier[5] = t3 >>> 14;
  for (let i = 0; i < 4; i++) pad[i] = wordAt(key, 16 + 4 * i) >>> 0;
  sum.fill(0);
}

/** Adds the first `length` bytes, the last part filled with zeros (§2.8). */
export function addPadded(bytes: Uint8Array, length: number): void {
  const whole = length - length % PART_BYTES;
  addParts(bytes, whole);
  if (whole === length) return;
  tail.fill(0);
  for (let i = whole; i < length; i++) tail[i - whole] = bytes[i];
  addParts(tail, PART_BYTES);
}

function addParts(bytes: Uint8Array, length: number): void {
  const r0 = multiplier[0], r1 = multiplier[1], r2 = multiplier[2];
  const r3 = multiplier[3], r4 = multiplier[4], r5 = multiplier[5];
  const s1 = WRAP * r1, s2 = WRAP * r2, s3 = WRAP * r3, s4 = WRAP * r4, s5 = WRAP * r5;
  let h0 = sum[0], h1 = sum[1], h2 = sum[2], h3 = sum[3], h4 = sum[4], h5 = sum[5];
  for (let at = 0; at < length; at += PART_BYTES) {
    const t0 = wordAt(bytes, at), t1 = wordAt(bytes, at + 4), t2 = wordAt(bytes, at + 8), t3 = wordAt(bytes, at + 12);
    h0 += t0 & LIMB_MASK;
    h1 += (t0 >>> 22 | t1 << 10) & LIMB_MASK;
    h2 += (t1 >>> 12 | t2 << 20) & LIMB_MASK;
    h3 += t2 >>> 2 & LIMB_MASK;
    h4 += (t2 >>> 24 | t3 << 8) & LIMB_MASK;
    h5 += t3 >>> 14 | 1 << 18; // A one above the highest byte.
    let d0 = h0 * r0 + h1 * s5 + h2 * s4 + h3 * s3 + h4 * s2 + h5 * s1;
    let d1 = h0 * r1 + h1 * r0 + h2 * s5 + h3 * s4 + h4 * s3 + h5 * s2;
    let d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s5 + h4 * s4 + h5 * s3;
    let d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s5 + h5 * s4;
    let d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + h5 * s5;
    let d5 = h0 * r5 + h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1 + h5 * r0;
    let carry = Math.floor(d0 / LIMB);
    d0 -= carry * LIMB, d1 += carry, carry = Math.floor(d1 / LIMB);
    d1 -= carry * LIMB, d2 += carry, carry = Math.floor(d2 / LIMB);
    d2 -= carry * LIMB, d3 += carry, carry = Math.floor(d3 / LIMB);
    d3 -= carry * LIMB, d4 += carry, carry = Math.floor(d4 / LIMB);
    d4 -= carry * LIMB, d5 += carry, carry = Math.floor(d5 / LIMB);
    d5 -= carry * LIMB, d0 += WRAP * carry, carry = Math.floor(d0 / LIMB);
    h0 = d0 - carry * LIMB, h1 = d1 + carry, h2 = d2, h3 = d3, h4 = d4, h5 = d5;
  }
  sum[0] = h0, sum[1] = h1, sum[2] = h2, sum[3] = h3, sum[4] = h4, sum[5] = h5;
}

/** Brings the sum below the prime, adds the pad (§2.5.1), and gives the tag; valid until the next call. */
export function finishTag(): Uint8Array {
  let h0 = sum[0], h1 = sum[1], h2 = sum[2], h3 = sum[3], h4 = sum[4], h5 = sum[5], carry = 0;
  for (let pass = 0; pass < 2; pass++) {
    carry = Math.floor(h1 / LIMB), h1 -= carry * LIMB, h2 += carry;
    carry = Math.floor(h2 / LIMB), h2 -= carry * LIMB, h3 += carry;
    carry = Math.floor(h3 / LIMB), h3 -= carry * LIMB, h4 += carry;
    carry = Math.floor(h4 / LIMB), h4 -= carry * LIMB, h5 += carry;
    carry = Math.floor(h5 / LAST_LIMB), h5 -= carry * LAST_LIMB, h0 += 5 * carry;
    carry = Math.floor(h0 / LIMB), h0 -= carry * LIMB, h1 += carry;
  }
  // Plus 5, it reaches 2^130 where it was not below the prime: then what is above 2^130 is the answer.
  let g0 = h0 + 5, g1 = h1, g2 = h2, g3 = h3, g4 = h4, g5 = h5;
  carry = Math.floor(g0 / LIMB), g0 -= carry * LIMB, g1 += carry;
  carry = Math.floor(g1 / LIMB), g1 -= carry * LIMB, g2 += carry;
  carry = Math.floor(g2 / LIMB), g2 -= carry * LIMB, g3 += carry;
  carry = Math.floor(g3 / LIMB), g3 -= carry * LIMB, g4 += carry;
  carry = Math.floor(g4 / LIMB), g4 -= carry * LIMB, g5 += carry;
  carry = Math.floor(g5 / LAST_LIMB), g5 -= carry * LAST_LIMB;
  const chosen = -carry, kept = ~chosen; // All bits, or none: a branch would tell the time.
  const n0 = g0 & chosen | h0 & kept, n1 = g1 & chosen | h1 & kept, n2 = g2 & chosen | h2 & kept;
  const n3 = g3 & chosen | h3 & kept, n4 = g4 & chosen | h4 & kept, n5 = g5 & chosen | h5 & kept;
  words[0] = n0 | n1 << 22;
  words[1] = n1 >>> 10 | n2 << 12;
  words[2] = n2 >>> 20 | n3 << 2 | n4 << 24;
  words[3] = n4 >>> 8 | n5 << 14;
  for (let i = 0, over = 0; i < 4; i++) {
    const word = words[i] + pad[i] + over;
    over = Math.floor(word / 2 ** 32);
    for (let k = 0; k < 4; k++) tag[4 * i + k] = word >>> 8 * k;
  }
  return tag;
}
