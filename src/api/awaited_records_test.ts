import assert from "node:assert/strict";
import type { RecordChange } from "../node/mod.ts";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { AwaitedRecords, WAITING_MAX } from "./awaited_records.ts";

const SECOND = { waitMs: 1_000, signal: new AbortController().signal };

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
  const waiting = awaited.wait(() => there.get("a"), SECOND);
  tell();
  there.set("a", "here");
  tell();
  assert.equal(await waiting, "here");
  assert.deepEqual([listeners.size, clock.timers], [0, 0]);
});

Deno.test("AwaitedRecords does not wait for what is there, and no longer than it was told", async () => {
  const { clock, awaited, listeners, there } = awaitedBench();
  there.set("a", "here");
  assert.equal(await awaited.wait(() => there.get("a"), SECOND), "here");
  const waiting = awaited.wait(() => there.get("b"), SECOND);
  clock.advance(1_000);
  assert.equal(await waiting, undefined);
  assert.deepEqual([listeners.size, clock.timers], [0, 0]);
});

Deno.test("AwaitedRecords lets everybody go when it is closed, and turns nobody else's failure into silence", async () => {
  const { clock, awaited, there, tell } = awaitedBench();
  const failing = awaited.wait(() => {
    if (there.has("a")) throw new Error("broken");
  }, SECOND);
  there.set("a", "here");
  tell();
  await assert.rejects(failing, /broken/);
  const waiting = awaited.wait(() => there.get("b"), SECOND);
  awaited.close();
  await assert.rejects(waiting, /stopping/);
  await assert.rejects(awaited.wait(() => there.get("b"), SECOND), /stopping/);
  assert.equal(clock.timers, 0);
});

Deno.test("AwaitedRecords holds no more readers than its bound", async () => {
  const { clock, awaited } = awaitedBench();
  const held = Array.from({ length: WAITING_MAX }, () => awaited.wait(() => undefined, SECOND));
  await assert.rejects(awaited.wait(() => undefined, SECOND), /Too many/);
  assert.equal(clock.timers, WAITING_MAX);
  clock.advance(1_000);
  await Promise.all(held);
});

Deno.test("AwaitedRecords keeps no place for a reader who has gone", async () => {
  const { clock, awaited, listeners } = awaitedBench();
  const reader = new AbortController();
  const waiting = awaited.wait(() => undefined, { waitMs: 1_000, signal: reader.signal });
  reader.abort();
  assert.equal(await waiting, undefined);
  assert.deepEqual([listeners.size, clock.timers], [0, 0]);
});
