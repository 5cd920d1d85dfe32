import assert from "node:assert/strict";
import { bytesToHex } from "@noble/hashes/utils.js";
import { IdentifierTexts } from "./identifier_texts.ts";

function numbered(number: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

Deno.test("textOf() writes every byte, again and after many others", () => {
  const texts = new IdentifierTexts([0, 2, 4, 6], 8);
  for (let round = 0; round < 2; round++) {
    for (let number = 0; number < 20_000; number++) {
      const bytes = numbered(number * 214_748);
      assert.equal(texts.textOf(bytes), bytesToHex(bytes));
    }
  }
});

Deno.test("textOf() leaves a dash where no digits stand", () => {
  const texts = new IdentifierTexts([0, 3, 6], 8);
  assert.equal(texts.textOf(Uint8Array.of(0, 0xab, 0xff)), "00-ab-ff");
});

Deno.test("textOf() keeps no hold of the bytes that it was given", () => {
  const texts = new IdentifierTexts([0, 2, 4, 6], 8);
  const bytes = numbered(1);
  assert.equal(texts.textOf(bytes), "00000001");
  bytes[3] = 2;
  assert.equal(texts.textOf(bytes), "00000002");
  assert.equal(texts.textOf(numbered(1)), "00000001");
});
