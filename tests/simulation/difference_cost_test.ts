import assert from "node:assert/strict";
import { measureDifference } from "../../bench/replication/difference.ts";

Deno.test("simulated cluster: finding a difference costs what its size allows, not what exists", async () => {
  const { signal } = new AbortController();
  const over: string[] = [];
  let rows = 0;
  for await (const row of measureDifference({ quick: true, signal, progress: () => {} })) {
    rows++;
    if (!row.passed) over.push(`${row.what}: ${row.measured}, must be ${row.must}`);
  }
  assert.deepEqual(over, []);
  assert(rows > 0);
});
