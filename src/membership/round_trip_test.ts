import assert from "node:assert/strict";
import { RoundTrip } from "./round_trip.ts";

Deno.test("RoundTrip.timeoutMs follows a steady link closely, and a jittery one with room", () => {
  const steady = new RoundTrip(), jittery = new RoundTrip();
  for (let i = 0; i < 50; i++) {
    steady.sample(100);
    jittery.sample(i % 2 === 0 ? 60 : 140);
  }
  assert(Math.abs(steady.smoothedMs! - 100) < 1);
  assert(steady.timeoutMs < 105, `${steady.timeoutMs}`);
  assert(jittery.timeoutMs > 200, `${jittery.timeoutMs}`);
});

Deno.test("RoundTrip.timeoutMs stays within its bounds", () => {
  const fast = new RoundTrip(), slow = new RoundTrip();
  for (let i = 0; i < 50; i++) fast.sample(0.1);
  slow.sample(60_000);
  assert.equal(fast.timeoutMs, 20);
  assert.equal(slow.timeoutMs, 3_000);
});
