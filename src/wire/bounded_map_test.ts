import assert from "node:assert/strict";
import { BoundedMap } from "./bounded_map.ts";

Deno.test("past its bound a map drops what was used longest ago, and says so", () => {
  const dropped: string[] = [];
  const map = new BoundedMap<number, string>(2, (value) => dropped.push(value));
  map.set(1, "one");
  map.set(2, "two");
  map.get(1);
  map.peek(2);
  map.set(3, "three");
  assert.deepEqual([[...map.values()], dropped], [["one", "three"], ["two"]]);
});

Deno.test("setting again replaces, and drops nothing", () => {
  const dropped: string[] = [];
  const map = new BoundedMap<number, string>(2, (value) => dropped.push(value));
  map.set(1, "one");
  map.set(2, "two");
  map.set(1, "uno");
  map.delete(2);
  map.set(3, "three");
  assert.deepEqual([map.size, map.get(1), map.get(2), dropped], [2, "uno", undefined, []]);
});
