import assert from "node:assert/strict";
import { Graves } from "./graves.ts";

Deno.test("Graves remembers each record once, and those of the disk", () => {
  const graves = new Graves([["group", "a"]]);
  assert.deepEqual(graves.dig([["group", "a"], ["group", "b"]]), { dug: [["group", "b"]], levelled: [] });
  assert.deepEqual([graves.has(["group", "a"]), graves.has(["group", "b"]), graves.has(["user", "a"])], [
    true,
    true,
    false,
  ]);
});

Deno.test("Graves makes room for new ones", () => {
  const graves = new Graves([]);
  const keys = Array.from({ length: 10_001 }, (_, i) => ["group", `g${i}`] as const);
  assert.deepEqual(graves.dig(keys).levelled, [["group", "g0"]]);
  assert.equal(graves.has(["group", "g0"]), false);
});
