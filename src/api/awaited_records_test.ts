import assert from "node:assert/strict";
import type { RecordChange } from "../node/mod.ts";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { AwaitedRecords, WAITING_MAX } from "./awaited_records.ts";

/** Something to wait for, and what is told when it comes. */
function awaitedBench() {
  const clock = new VirtualClock();
  const listeners = new Set<(change: RecordChange) => void>();
  const awaited = new AwaitedRecords({
    clock,
    node: {
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  });
  const there = new Map<string, string>();
  const tell = () => [...listeners].forEach((listener) => listener({ kind: "group", id: "any", change: "changed" }));
  return { clock, awaited, listeners, there, tell };
}

Deno.test("AwaitedRecords answers as soon as what is waited for comes", async () => {
  const { clock, awaited, listeners, there, tell } = awaitedBench();
  const waiting = awaited.wait(() => there.get("a"), 1_000);
  tell();
  there.set("a", "here");
  tell();
  assert.equal(await waiting, "here");
  assert.deepEqual([listeners.size, clock.timers], [0, 0]);
});

Deno.test("AwaitedRecords does not wait for what is there, and no longer than it was told", async () => {
  const { clock, awaited, listeners, there } = awaitedBench();
  there.set("a", "here");
  assert.equal(await awaited.wait(() => there.get("a"), 1_000), "here");
  const waiting = awaited.wait(() => there.get("b"), 1_000);
  clock.advance(1_000);
  assert.equal(await waiting, undefined);
  assert.deepEqual([listeners.size, clock.timers], [0, 0]);
});

Deno.test("AwaitedRecords lets everybody go when it is closed, and turns nobody else's failure into silence", async () => {
  const { clock, awaited, there, tell } = awaitedBench();
  const failing = awaited.wait(() => {
    if (there.has("a")) throw new Error("broken");
  }, 1_000);
  there.set("a", "here");
  tell();
  await assert.rejects(failing, /broken/);
  const waiting = awaited.wait(() => there.get("b"), 1_000);
  awaited.close();
  assert.equal(await waiting, undefined);
  assert.equal(await awaited.wait(() => there.get("b"), 1_000), undefined);
  assert.equal(clock.timers, 0);
});

Deno.test("AwaitedRecords holds no more readers than its bound", async () => {
  const { clock, awaited } = awaitedBench();
  const held = Array.from({ length: WAITING_MAX }, () => awaited.wait(() => undefined, 1_000));
  assert.equal(await awaited.wait(() => undefined, 1_000), undefined);
  assert.equal(clock.timers, WAITING_MAX);
  clock.advance(1_000);
  await Promise.all(held);
});
