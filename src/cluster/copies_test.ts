import assert from "node:assert/strict";
import { Copies } from "./copies.ts";
import type { WriteOptions } from "./outcome.ts";
import { Timers } from "./timers.ts";

/** Waits for one write in a cluster of `live` of `members` servers; `results` has the answer once it is given. */
function waiting({ live = 3, members = 3, ...options }: WriteOptions & { live?: number; members?: number }) {
  const timers = new Timers();
  const results: Array<{ copies: number; members: number }> = [];
  const copies = new Copies((delayMs, callback) => timers.at(delayMs, callback));
  copies.wait(1, { live, members, options, done: (result) => results.push(result) });
  return { timers, copies, results };
}

Deno.test("Copies.wait() answers at once when no other server is waited for", () => {
  assert.deepEqual(waiting({}).results, [{ copies: 1, members: 3 }]);
  assert.deepEqual(waiting({ copies: "all", waitMs: 0 }).results, [{ copies: 1, members: 3 }]);
  assert.deepEqual(waiting({ copies: "all", waitMs: 500, live: 1 }).results, [{ copies: 1, members: 3 }]);
});

Deno.test("Copies.wait() waits for all live servers, and counts each once", () => {
  const { copies, results } = waiting({ copies: "all", waitMs: 500 });
  copies.add(1, "b");
  copies.add(1, "b");
  assert.deepEqual(results, []);
  copies.add(1, "c");
  assert.deepEqual(results, [{ copies: 3, members: 3 }]);
});

Deno.test("Copies.wait() takes a majority of the whole cluster, the dead included", () => {
  const { copies, results } = waiting({ copies: "majority", waitMs: 500, live: 4, members: 5 });
  copies.add(1, "b");
  assert.deepEqual(results, []);
  copies.add(1, "c");
  assert.deepEqual(results, [{ copies: 3, members: 5 }]);
});

Deno.test("Copies.wait() tells how far it came when time is up", () => {
  const { timers, copies, results } = waiting({ copies: "all", waitMs: 500 });
  copies.add(1, "b");
  timers.run(500);
  assert.deepEqual(results, [{ copies: 2, members: 3 }]);
  copies.add(1, "c");
  assert.equal(results.length, 1);
});
