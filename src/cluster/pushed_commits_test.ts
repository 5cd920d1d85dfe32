import assert from "node:assert/strict";
import { PushedCommits } from "./pushed_commits.ts";

Deno.test("PushedCommits begins what comes within a moment together, in its order, and waits anew after that", () => {
  const planned: Array<() => void> = [];
  const begun: number[] = [];
  const commits = new PushedCommits({
    after: (_delayMs, callback) => planned.push(callback),
    commit: (token) => begun.push(token),
  });
  commits.add(-1, []);
  commits.add(-2, []);
  assert.deepEqual([planned.length, begun], [1, []]);
  planned.shift()!();
  assert.deepEqual(begun, [-1, -2]);
  commits.add(-3, []);
  planned.shift()!();
  assert.deepEqual(begun, [-1, -2, -3]);
});
