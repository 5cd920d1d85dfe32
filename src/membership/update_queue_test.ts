import assert from "node:assert/strict";
import type { MemberUpdate } from "./member.ts";
import { UpdateQueue } from "./update_queue.ts";

const update = (id: string, incarnation = 1): MemberUpdate => ({ id, incarnation, state: "alive" });
const take = (queue: UpdateQueue, count: number, transmitsMax = 3) =>
  queue.take({ bytesMax: count * 10, transmitsMax, measure: () => 10 }).map(({ id, incarnation }) =>
    `${id}${incarnation}`
  );

Deno.test("UpdateQueue.take() sends what was sent least often first", () => {
  const queue = new UpdateQueue();
  queue.add(update("a"));
  assert.deepEqual(take(queue, 1), ["a1"]);
  queue.add(update("b"));
  assert.deepEqual(take(queue, 1), ["b1"]);
  assert.deepEqual(take(queue, 2).sort(), ["a1", "b1"]);
});

Deno.test("UpdateQueue.take() sends each statement a bounded number of times", () => {
  const queue = new UpdateQueue();
  queue.add(update("a"));
  for (let i = 0; i < 3; i++) assert.deepEqual(take(queue, 5), ["a1"]);
  assert.deepEqual(take(queue, 5), []);
  assert(queue.isEmpty);
});

Deno.test("UpdateQueue.add() replaces an older statement about the same member, and counts anew", () => {
  const queue = new UpdateQueue();
  queue.add(update("a", 1));
  take(queue, 1);
  queue.add(update("a", 2));
  for (let i = 0; i < 3; i++) assert.deepEqual(take(queue, 5), ["a2"]);
  assert(queue.isEmpty);
});

Deno.test("UpdateQueue.take() keeps within the bytes", () => {
  const queue = new UpdateQueue();
  for (const id of ["a", "b", "c"]) queue.add(update(id));
  assert.equal(take(queue, 2).length, 2);
  assert.equal(queue.take({ bytesMax: 9, transmitsMax: 3, measure: () => 10 }).length, 0);
});
