import assert from "node:assert/strict";
import { CLOCK_PATIENCE_MS, clockProblem, FirstWrites } from "./write_clock.ts";

Deno.test("clockProblem() forbids writing when a majority of the servers is far off", () => {
  assert.equal(clockProblem({ aheadMs: 0, offsetsMs: [60_000, -60_000], serverCount: 3 })?.includes("60 s off"), true);
  assert.equal(clockProblem({ aheadMs: 0, offsetsMs: [60_000, 10], serverCount: 3 }), undefined);
});

Deno.test("clockProblem() does not take one server's word in a cluster of two", () => {
  assert.equal(clockProblem({ aheadMs: 0, offsetsMs: [60_000], serverCount: 2 }), undefined);
});

Deno.test("clockProblem() forbids writing while the stamps are ahead of time", () => {
  assert.equal(clockProblem({ aheadMs: 3_600_000, offsetsMs: [], serverCount: 1 })?.includes("3600 s ahead"), true);
  assert.equal(clockProblem({ aheadMs: 58_000, offsetsMs: [], serverCount: 1 }), undefined);
});

Deno.test("FirstWrites holds writes until three clocks are known, or a second has passed", () => {
  const now = { sinceStartMs: 0, others: 5, known: 0 };
  const writes = new FirstWrites<string>(() => now);
  assert.equal(writes.holds("a"), true);
  assert.deepEqual(writes.take({ anyway: false }), []);
  now.known = 3;
  assert.deepEqual(writes.take({ anyway: false }), ["a"]);
  assert.equal(writes.holds("b"), false);
  Object.assign(now, { known: 0, sinceStartMs: CLOCK_PATIENCE_MS });
  assert.equal(writes.holds("c"), false, "cut off, a server writes all the same");
});

Deno.test("FirstWrites holds nothing where there is nobody to ask, no more than it has room for, and nothing when the server stops", () => {
  assert.equal(new FirstWrites<string>(() => ({ sinceStartMs: 0, others: 0, known: 0 })).holds("a"), false);
  const writes = new FirstWrites<number>(() => ({ sinceStartMs: 0, others: 1, known: 0 }));
  let held = 0;
  while (writes.holds(held) === true) held++;
  assert.equal(writes.holds(held), undefined);
  assert.equal(writes.take({ anyway: true }).length, held);
});
