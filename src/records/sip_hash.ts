import { hash } from "node:crypto";

/** Key of {@link sipHash}: 128 bits in four halves, each the low half of its word before the high one. */
export type SipKey = readonly [low0: number, high0: number, low1: number, high1: number];

/** Rounds after each word, and after the last: SipHash-2-4. */
const WORD_ROUNDS = 2;
const LAST_ROUNDS = 4;

/** "somepseudorandomlygeneratedbytes", with which the paper begins. */
const START = [0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462];

/** The four words of the state, each its low half before its high one. Used by one call at a time. */
const state = new Int32Array(8);

/** The key that `text` stands for. */
export function sipKeyOf(text: string): SipKey {
  const digest = hash("sha256", text, "buffer");
  return [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), digest.readInt32LE(12)];
}

/**
 * SipHash-2-4 (Aumasson and Bernstein 2012) of a text of which each character counts as one byte: a keyed hash that nobody can steer
 * without the key, and a fraction of what a call of the runtime's own hashes costs.
 *
 * @param text characters below U+0100
 */
export function sipHash(key: SipKey, text: string): { high: number; low: number } {
  for (let i = 0; i < state.length; i++) state[i] = START[i] ^ key[i & 3];
  const whole = text.length & ~7;
  for (let at = 0; at < whole; at += 8) takeWord(wholeHalf(text, at), wholeHalf(text, at + 4));
  const left = text.length - whole;
  const lastHigh = half(text, whole + 4, Math.max(0, left - 4)) | (text.length & 0xff) << 24;
  takeWord(half(text, whole, Math.min(4, left)), lastHigh);
  state[4] ^= 0xff;
  mix(LAST_ROUNDS);
  return {
    high: (state[1] ^ state[3] ^ state[5] ^ state[7]) >>> 0,
    low: (state[0] ^ state[2] ^ state[4] ^ state[6]) >>> 0,
  };
}

function wholeHalf(text: string, from: number): number {
  return text.charCodeAt(from) | text.charCodeAt(from + 1) << 8 | text.charCodeAt(from + 2) << 16 |
    text.charCodeAt(from + 3) << 24;
}

function half(text: string, from: number, count: number): number {
  let bits = 0;
  for (let i = 0; i < count; i++) bits |= text.charCodeAt(from + i) << (8 * i);
  return bits;
}

function takeWord(low: number, high: number): void {
  state[6] ^= low;
  state[7] ^= high;
  mix(WORD_ROUNDS);
  state[0] ^= low;
  state[1] ^= high;
}

function mix(rounds: number): void {
  let low0 = state[0], high0 = state[1], low1 = state[2], high1 = state[3];
  let low2 = state[4], high2 = state[5], low3 = state[6], high3 = state[7];
  let high: number;
  for (let round = 0; round < rounds; round++) {
    low0 = low0 + low1 | 0;
    high0 = high0 + high1 + carry(low0, low1) | 0;
    low2 = low2 + low3 | 0;
    high2 = high2 + high3 + carry(low2, low3) | 0;
    high = (high1 << 13 | low1 >>> 19) ^ high0;
    low1 = (low1 << 13 | high1 >>> 19) ^ low0;
    high1 = high;
    high = (high3 << 16 | low3 >>> 16) ^ high2;
    low3 = (low3 << 16 | high3 >>> 16) ^ low2;
    high3 = high;
    high = low0; // Turned by 32.
    low0 = high0;
    high0 = high;
    low2 = low2 + low1 | 0;
    high2 = high2 + high1 + carry(low2, low1) | 0;
    low0 = low0 + low3 | 0;
    high0 = high0 + high3 + carry(low0, low3) | 0;
    high = (high1 << 17 | low1 >>> 15) ^ high2;
    low1 = (low1 << 17 | high1 >>> 15) ^ low2;
    high1 = high;
    high = (high3 << 21 | low3 >>> 11) ^ high0;
    low3 = (low3 << 21 | high3 >>> 11) ^ low0;
    high3 = high;
    high = low2;
    low2 = high2;
    high2 = high;
  }
  state[0] = low0;
  state[1] = high0;
  state[2] = low1;
  state[3] = high1;
  state[4] = low2;
  state[5] = high2;
  state[6] = low3;
  state[7] = high3;
}

/** Whether the sum of two halves, one of which was `added`, had no room in 32 bits. */
function carry(sum: number, added: number): number {
  return sum >>> 0 < added >>> 0 ? 1 : 0;
}
