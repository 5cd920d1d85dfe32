import assert from "node:assert/strict";
import fc from "fast-check";
import { Timers } from "./timers.ts";

Deno.test("Timers.run() calls in time order, equal times in the order they were planned", () => {
  fc.assert(fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
    const timers = new Timers();
    const ran: Array<[number, number]> = [];
    times.forEach((atMs, index) => timers.at(atMs, () => ran.push([atMs, index])));
    timers.run(20);
    const expected = times.map((atMs, index): [number, number] => [atMs, index]);
    assert.deepEqual(ran, expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
  }));
});

Deno.test("Timers.run() leaves out what was cancelled, and what is not due", () => {
  const timers = new Timers();
  const ran: string[] = [];
  timers.at(1, () => ran.push("a"))();
  timers.at(2, () => ran.push("b"));
  timers.at(9, () => ran.push("c"));
  timers.run(5);
  assert.deepEqual(ran, ["b"]);
  assert.equal(timers.nextMs, 9);
});

Deno.test("Timers.run() leaves what is planned meanwhile to the next call, so that it always ends", () => {
  const timers = new Timers();
  let runs = 0;
  const again = () => {
    runs++;
    timers.at(0, again);
  };
  timers.at(0, again);
  timers.run(0);
  assert.equal(runs, 1);
  assert.equal(timers.nextMs, 0);
});
