import assert from "node:assert/strict";
import { clockProblem } from "./write_clock.ts";

Deno.test("clockProblem() forbids writing when a majority of the servers is far off", () => {
  assert.equal(clockProblem({ aheadMs: 0, offsetsMs: [60_000, -60_000], liveCount: 3 })?.includes("60 s off"), true);
  assert.equal(clockProblem({ aheadMs: 0, offsetsMs: [60_000, 10], liveCount: 3 }), undefined);
});

Deno.test("clockProblem() does not take one server's word in a cluster of two", () => {
  assert.equal(clockProblem({ aheadMs: 0, offsetsMs: [60_000], liveCount: 2 }), undefined);
});

Deno.test("clockProblem() forbids writing while the stamps are ahead of time", () => {
  assert.equal(clockProblem({ aheadMs: 3_600_000, offsetsMs: [], liveCount: 1 })?.includes("3600 s ahead"), true);
  assert.equal(clockProblem({ aheadMs: 58_000, offsetsMs: [], liveCount: 1 }), undefined);
});
