import assert from "node:assert/strict";
import { seededRandom } from "../base/mod.ts";
import type { MembershipPort } from "./port.ts";
import { defaultMembershipConfig as config } from "./preset.ts";
import { Suspicions } from "./suspicion.ts";

/** Suspicions in a cluster of 10 on a clock that the test moves. */
function bench() {
  let nowMs = 0;
  const planned: Array<{ atMs: number; callback: (() => void) | undefined }> = [];
  const expired: string[] = [];
  const port = {
    random: seededRandom(1),
    nowMs: () => nowMs,
    after(delayMs: number, callback: () => void) {
      const timer: (typeof planned)[number] = { atMs: nowMs + delayMs, callback };
      planned.push(timer);
      return () => {
        timer.callback = undefined;
      };
    },
  } as unknown as MembershipPort;
  const lastCalls: string[] = [];
  const suspicions = new Suspicions(port, config, () => 10, {
    lastCall: (id) => lastCalls.push(id),
    expired: (id) => expired.push(id),
  });
  function advance(toMs: number) {
    nowMs = toMs;
    for (const timer of planned) {
      if (timer.atMs > toMs) continue;
      const { callback } = timer;
      timer.callback = undefined;
      callback?.();
    }
  }
  return { suspicions, expired, lastCalls, advance };
}

const LEAST_MS = config.suspicionFactor * config.probePeriodMs;
const GREATEST_MS = LEAST_MS * config.suspicionMaxFactor;

Deno.test("Suspicions lets a lone accuser wait the longest", () => {
  const { suspicions, expired, advance } = bench();
  suspicions.accuse("a", "x");
  advance(GREATEST_MS - 1);
  assert.deepEqual(expired, []);
  advance(GREATEST_MS);
  assert.deepEqual(expired, ["a"]);
});

Deno.test("Suspicions ends sooner with accusers that are independent, and counts each once", () => {
  const { suspicions, expired, advance } = bench();
  assert(suspicions.accuse("a", "x"));
  assert(!suspicions.accuse("a", "x"));
  for (const accuser of ["y", "z", "w"]) assert(suspicions.accuse("a", accuser));
  assert(!suspicions.accuse("a", "v"), "more than enough is no news");
  advance(LEAST_MS);
  assert.deepEqual(expired, ["a"]);
});

Deno.test("Suspicions does not expire once it is cleared", () => {
  const { suspicions, expired, advance } = bench();
  suspicions.accuse("a", "x");
  suspicions.clear("a");
  advance(GREATEST_MS);
  assert.deepEqual(expired, []);
});

Deno.test("Suspicions gives the suspected the time that this process slept", () => {
  const { suspicions, expired, advance } = bench();
  suspicions.accuse("a", "x");
  suspicions.slept(30_000);
  advance(GREATEST_MS + 29_999);
  assert.deepEqual(expired, []);
  advance(GREATEST_MS + 30_000);
  assert.deepEqual(expired, ["a"]);
});

Deno.test("Suspicions calls for a last look before it ends, and none when it was cleared", () => {
  const { suspicions, lastCalls, advance } = bench();
  suspicions.accuse("a", "x");
  suspicions.accuse("b", "x");
  suspicions.clear("b");
  advance(GREATEST_MS - config.probeDeadlineMs - 1);
  assert.deepEqual(lastCalls, []);
  advance(GREATEST_MS - config.probeDeadlineMs);
  assert.deepEqual(lastCalls, ["a"]);
});

Deno.test("Suspicions begins anew when the suspected answers a probe", () => {
  const { suspicions, expired, advance } = bench();
  suspicions.accuse("a", "x");
  advance(1_000);
  suspicions.answered("a");
  advance(GREATEST_MS + 999);
  assert.deepEqual(expired, []);
  advance(GREATEST_MS + 1_000);
  assert.deepEqual(expired, ["a"]);
});
