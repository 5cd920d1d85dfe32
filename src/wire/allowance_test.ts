import assert from "node:assert/strict";
import { Allowance } from "./allowance.ts";

Deno.test("an allowance gives its burst at once, then so many a second", () => {
  const allowance = new Allowance({ burst: 3, perSecond: 2 }, 1000);
  const takeMany = (nowMs: number) => Array.from({ length: 10 }, () => allowance.take(nowMs)).filter(Boolean).length;
  assert.equal(takeMany(1000), 3);
  assert.equal(takeMany(1400), 0);
  assert.equal(takeMany(1500), 1);
  assert.equal(takeMany(60_000), 3, "never more than the burst");
  assert.equal(takeMany(50_000), 0, "a clock that goes back gives nothing");
});
