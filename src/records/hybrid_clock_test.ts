import assert from "node:assert/strict";
import fc from "fast-check";
import { AssertionError } from "../base/mod.ts";
import { HybridClock, STAMP_AHEAD_MS_MAX } from "./hybrid_clock.ts";
import { formatStamp, parseStamp, STAMP_COUNTER_MAX } from "./stamp.ts";

const LONDON = "018bcfe5-6800-7000-8000-000000000001";
const SYDNEY = "018bcfe5-6800-7000-8000-000000000002";
const remote = (ms: number, counter = 0) => formatStamp({ ms, counter, node: SYDNEY.replaceAll("-", "") });

Deno.test("HybridClock.now() follows the wall clock and counts within a millisecond", () => {
  const clock = new HybridClock(LONDON);
  const [first, second, third] = [clock.now(1000), clock.now(1000), clock.now(1001.9)].map(parseStamp);
  assert.deepEqual(first, { ms: 1000, counter: 0, node: LONDON.replaceAll("-", "") });
  assert.deepEqual([second.ms, second.counter], [1000, 1]);
  assert.deepEqual([third.ms, third.counter], [1001, 0]);
});

Deno.test("HybridClock.now() goes forward while the wall clock goes back", () => {
  const clock = new HybridClock(LONDON);
  const before = clock.now(5000);
  const after = clock.now(1);
  assert.ok(after > before);
  assert.equal(parseStamp(after).ms, 5000);
});

Deno.test("HybridClock.now() carries a full counter into the milliseconds", () => {
  const clock = new HybridClock(LONDON, remote(1000, STAMP_COUNTER_MAX));
  const { ms, counter } = parseStamp(clock.now(1000));
  assert.deepEqual([ms, counter], [1001, 0]);
});

Deno.test("HybridClock.now() is later than the floor, whoever gave it and whatever the wall clock says", () => {
  const highest = formatStamp({ ms: 9000, counter: 7, node: "f".repeat(32) });
  assert.ok(new HybridClock(LONDON, highest).now(0) > highest);
});

Deno.test("HybridClock.now() is later than a stamp received before", () => {
  const clock = new HybridClock(LONDON);
  clock.now(1000);
  for (const seen of [remote(1000, 9), remote(1500, 3), remote(1500, 2)]) {
    assert.equal(clock.receive(seen, 1000), "accepted");
    assert.ok(clock.now(1000) > seen);
  }
});

Deno.test("HybridClock.receive() is not moved by a stamp of the past", () => {
  const clock = new HybridClock(LONDON);
  const last = clock.now(1000);
  assert.equal(clock.receive(remote(999, STAMP_COUNTER_MAX), 1000), "accepted");
  assert.equal(clock.last, last);
});

Deno.test("HybridClock.receive() is not moved by a stamp more than a minute ahead", () => {
  const clock = new HybridClock(LONDON);
  const last = clock.now(1000);
  assert.equal(clock.receive(remote(1000 + STAMP_AHEAD_MS_MAX + 1), 1000), "ahead");
  assert.equal(clock.last, last);
  assert.equal(clock.receive(remote(1000 + STAMP_AHEAD_MS_MAX), 1000), "accepted");
});

Deno.test("HybridClock never repeats or goes back, whatever it receives, over restarts from its last reading", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("now" as const), wallMs: fc.integer({ min: -5, max: 2000 }) }),
    fc.record({
      kind: fc.constant("receive" as const),
      wallMs: fc.nat(2000),
      ms: fc.nat(200_000),
      counter: fc.nat(0xffff),
    }),
    fc.record({ kind: fc.constant("restart" as const) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    let clock = new HybridClock(LONDON);
    let latest = clock.last;
    for (const step of steps) {
      if (step.kind === "restart") {
        clock = new HybridClock(LONDON, clock.last);
      } else if (step.kind === "now") {
        const stamp = clock.now(step.wallMs);
        assert.ok(stamp > latest, `${stamp} after ${latest}`);
        latest = stamp;
      } else {
        const stamp = remote(step.ms, step.counter);
        if (clock.receive(stamp, step.wallMs) === "accepted" && stamp > latest) latest = stamp;
      }
    }
  }));
});

Deno.test("HybridClock refuses a node id that is no UUID, and a wall clock that is no number", () => {
  assert.throws(() => new HybridClock("london"), AssertionError);
  assert.throws(() => new HybridClock(LONDON).now(NaN), AssertionError);
});
