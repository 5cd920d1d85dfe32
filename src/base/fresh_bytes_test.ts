import assert from "node:assert/strict";
import { freshBytes, freshCopy } from "./fresh_bytes.ts";

Deno.test("freshBytes() gives each caller bytes of its own, all zero", () => {
  const pieces = Array.from({ length: 1_000 }, (_, index) => {
    const piece = freshBytes(index % 300);
    assert.ok(piece.every((byte) => byte === 0), `piece ${index} is not empty`);
    return piece.fill(index % 251 + 1);
  });
  pieces.forEach((piece, index) => {
    assert.equal(piece.length, index % 300);
    assert.ok(piece.every((byte) => byte === index % 251 + 1), `piece ${index} was written by another`);
  });
});

Deno.test("freshBytes() gives a long piece a buffer of its own", () => {
  const long = freshBytes(100_000);
  assert.equal(long.length, 100_000);
  assert.equal(long.buffer.byteLength, 100_000);
});

Deno.test("freshCopy() is independent of what it copies", () => {
  const original = Uint8Array.of(1, 2, 3);
  const copy = freshCopy(original);
  original[0] = 9;
  assert.deepEqual([...copy], [1, 2, 3]);
});
