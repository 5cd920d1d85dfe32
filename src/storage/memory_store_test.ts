import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { faultyStore, type StoreFaults } from "./faulty_store.ts";
import { memoryStore } from "./memory_store.ts";
import { StoreError } from "./store.ts";

const row = (name: string, value = 1) => ({ key: [name], value: Uint8Array.of(value) });

Deno.test("memoryStore() begins with the given rows, so that a restart can be played", async () => {
  const before = memoryStore([row("a")]);
  await before.commit([row("b")]);
  await before[Symbol.asyncDispose]();
  await using after = memoryStore(before.rows());
  deepStrictEqual(after.rows(), [row("a"), row("b")]);
});

Deno.test("faultyStore() fails the next commits whole, and then works again", async () => {
  const memory = memoryStore();
  await using store = faultyStore(memory, { commitsToFail: 2 });
  await rejects(store.commit([row("a"), row("b")]), /disk is full/);
  await rejects(store.commit([row("c")]), StoreError);
  await store.commit([row("d")]);
  deepStrictEqual(memory.rows(), [row("d")]);
});

Deno.test("faultyStore() holds commits back, and lets them through in their order", async () => {
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const faults: StoreFaults = { commitsToFail: 0, hold };
  const memory = memoryStore();
  await using store = faultyStore(memory, faults);
  const first = store.commit([row("a", 1)]);
  faults.hold = undefined;
  const second = store.commit([row("a", 2)]);
  strictEqual(await store.get(["a"]), undefined);
  release();
  await Promise.all([first, second]);
  deepStrictEqual(memory.rows(), [row("a", 2)]);
});
