import assert from "node:assert/strict";
import { VirtualClock } from "./virtual_clock.ts";

Deno.test("VirtualClock.run() makes calls in time order, equal ones in planning order", async () => {
  const clock = new VirtualClock();
  const calls: string[] = [];
  for (const [delayMs, name] of [[5, "c"], [1, "a"], [5, "d"], [3, "b"]] as const) {
    clock.after(delayMs, () => calls.push(name));
  }
  clock.after(2, () => calls.push("cancelled"))();
  await clock.run(10);
  assert.deepEqual(calls, ["a", "b", "c", "d"]);
  assert.equal(clock.monotonicMs(), 10);
});

Deno.test("VirtualClock.run() lets who waits for a pause go on before time does", async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  const waiting = clock.pause(5).then(() => Promise.resolve()).then(() => times.push(clock.monotonicMs()));
  clock.after(6, () => times.push(-1));
  await clock.run(10);
  await waiting;
  assert.deepEqual(times, [5, -1]);
});

Deno.test("VirtualClock.watch() notices a promise that somebody else settled", async () => {
  const clock = new VirtualClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const times: number[] = [];
  const watched = clock.watch();
  void promise.then(() => {
    watched();
    clock.settleSoon();
  }).then(() => Promise.resolve()).then(() => times.push(clock.monotonicMs()));
  clock.after(5, resolve);
  clock.after(6, () => times.push(-1));
  await clock.run(10);
  assert.deepEqual(times, [5, -1]);
});

Deno.test("VirtualClock.run() does not hang when a call plans itself anew for the same instant", async () => {
  const clock = new VirtualClock();
  const again = () => void clock.after(0, again);
  again();
  await assert.rejects(clock.run(1), /Time stands still at 0 ms/);
});
