import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteQueue } from "./byte_queue.ts";

Deno.test("bytes come out as they went in, whatever the sizes", () => {
  const sizes = fc.array(fc.tuple(fc.nat(700), fc.nat(700)), { maxLength: 60 });
  fc.assert(fc.property(sizes, (steps) => {
    const queue = new ByteQueue();
    let pushed = 0, taken = 0;
    for (const [push, take] of steps) {
      queue.push(Uint8Array.from({ length: push }, (_, at) => pushed + at));
      pushed += push;
      const piece = queue.take(take);
      assert.equal(piece === undefined, take > pushed - taken);
      piece?.forEach((byte, at) => assert.equal(byte, (taken + at) & 255));
      taken += piece?.length ?? 0;
      assert.equal(queue.length, pushed - taken);
    }
  }));
});

Deno.test("an empty queue gives back what a large chunk took, a full one keeps its bytes", () => {
  const queue = new ByteQueue();
  queue.push(new Uint8Array(100_000).fill(7));
  queue.take(99_999);
  queue.trim();
  assert.ok(queue.capacity >= 100_000);
  assert.deepEqual(queue.take(1), Uint8Array.of(7));
  queue.trim();
  assert.ok(queue.capacity < 1000);
  queue.push(Uint8Array.of(8));
  assert.deepEqual(queue.take(1), Uint8Array.of(8));
});
