import assert from "node:assert/strict";
import fc from "fast-check";
import { WriteQueue } from "./write_queue.ts";

Deno.test("WriteQueue gives back what it was given, in order and in pieces of at most the size asked for", () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 40 });
  fc.assert(fc.property(chunks, fc.integer({ min: 1, max: 25 }), (chunks, bytesMax) => {
    const queue = new WriteQueue();
    for (const chunk of chunks) queue.push(chunk);
    const expected = chunks.flatMap((chunk) => [...chunk]);
    assert.equal(queue.bytes, expected.length);
    const taken: number[] = [];
    for (let piece = queue.take(bytesMax); piece; piece = queue.take(bytesMax)) {
      assert.ok(piece.length > 0 && piece.length <= bytesMax);
      taken.push(...piece);
      assert.equal(queue.bytes, expected.length - taken.length);
    }
    assert.deepEqual(taken, expected);
  }));
});

Deno.test("WriteQueue joins small chunks, and cuts a large one without copying it", () => {
  const queue = new WriteQueue();
  for (let i = 0; i < 5_000; i++) queue.push(new Uint8Array([i & 0xff]));
  assert.equal(queue.take(4_000)!.length, 4_000);
  assert.equal(queue.take(4_000)!.length, 1_000);
  const large = new Uint8Array(100);
  queue.push(large);
  assert.equal(queue.take(60)!.buffer, large.buffer);
  queue.clear();
  assert.equal(queue.take(60), undefined);
});
