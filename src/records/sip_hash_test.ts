import assert from "node:assert/strict";
import { sipHash, type SipKey } from "./sip_hash.ts";

/** Bytes 0 to 15 as four little-endian halves, as in the paper's appendix and its reference code. */
const KEY: SipKey = [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c];

function hashed(length: number): string {
  const { high, low } = sipHash(KEY, String.fromCharCode(...Array.from({ length }, (_, i) => i)));
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

Deno.test("sipHash() is what the paper and its reference code say", () => {
  assert.equal(hashed(0), "726fdb47dd0e0e31");
  assert.equal(hashed(1), "74f839c593dc67fd");
  assert.equal(hashed(7), "ab0200f58b01d137");
  assert.equal(hashed(8), "93f5f5799a932462");
  assert.equal(hashed(15), "a129ca6149be45e5");
});
