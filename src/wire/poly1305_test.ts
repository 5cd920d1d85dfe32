import assert from "node:assert/strict";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { poly1305 } from "@noble/ciphers/_poly1305.js";
import fc from "fast-check";
import { addPadded, beginTag, finishTag, PART_BYTES } from "./poly1305.ts";

function tagOf(key: Uint8Array, message: Uint8Array): string {
  beginTag(key);
  addPadded(message, message.length);
  return bytesToHex(finishTag());
}

const F16 = "ff".repeat(16);
const zeros = (count: number) => "00".repeat(count);

/** RFC 8439 appendix A.3, vectors 7 to 11: sums at the edges of the prime. First half of the key, second half, message, tag. */
const EDGES = [
  ["02" + zeros(15), zeros(16), F16, "03" + zeros(15)],
  ["02" + zeros(15), F16, "02" + zeros(15), "03" + zeros(15)],
  ["01" + zeros(15), zeros(16), F16 + "f0" + "ff".repeat(15) + "11" + zeros(15), "05" + zeros(15)],
  ["01" + zeros(15), zeros(16), F16 + "fb" + "fe".repeat(15) + "01".repeat(16), zeros(16)],
  ["02" + zeros(15), zeros(16), "fd" + "ff".repeat(15), "fa" + "ff".repeat(15)],
];

Deno.test("the tags of RFC 8439 at the edges of the prime", () => {
  for (const [half, pad, message, tag] of EDGES) assert.equal(tagOf(hexToBytes(half + pad), hexToBytes(message)), tag);
});

Deno.test("sums around the prime are brought below it", () => {
  const key = hexToBytes("01" + zeros(31));
  const value = (low: number) => concatBytes(Uint8Array.of(low), new Uint8Array(15).fill(0xff));
  // Each part counts as 2^128 more than it says: three of them pass 2^130 − 5 with what these bytes say.
  for (let first = 0xf0; first <= 0xff; first++) {
    for (let last = 0; last <= 0x10; last++) {
      const parts = [value(first), new Uint8Array(PART_BYTES).fill(0xff), new Uint8Array(PART_BYTES)];
      parts[2][0] = last;
      const message = concatBytes(...parts);
      assert.equal(tagOf(key, message), bytesToHex(poly1305(message, key)), `${first} ${last}`);
    }
  }
});

Deno.test("whole parts have the tag that the reference gives them", () => {
  const sized = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const parts = fc.array(sized(PART_BYTES), { minLength: 1, maxLength: 20 }).map((all) => concatBytes(...all));
  const key = fc.oneof(sized(32), fc.constant(new Uint8Array(32).fill(0xff)));
  fc.assert(fc.property(key, parts, (key, message) => {
    assert.equal(tagOf(key, message), bytesToHex(poly1305(message, key)));
  }));
});
