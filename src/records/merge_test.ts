import assert from "node:assert/strict";
import fc from "fast-check";
import { mergeRecords } from "./merge.ts";
import { anyRecord } from "./record_arbitrary.ts";
import type { RecordState } from "./record.ts";
import { formatStamp } from "./stamp.ts";
import { decodeValue, encodeValue } from "./value.ts";

const at = (ms: number) => formatStamp({ ms, counter: 0, node: "a".repeat(32) });

function user(parts: Partial<RecordState>): RecordState {
  return { kind: "user", id: "u1", fields: new Map(), sets: new Map(), ...parts };
}

const named = (name: string, ms: number) =>
  user({ fields: new Map([["username", { stamp: at(ms), value: encodeValue(name) }]]) });

Deno.test("mergeRecords() is commutative", () => {
  fc.assert(fc.property(anyRecord, anyRecord, (a, b) => {
    assert.deepEqual(mergeRecords(a, b), mergeRecords(b, a));
  }));
});

Deno.test("mergeRecords() is associative", () => {
  fc.assert(fc.property(anyRecord, anyRecord, anyRecord, (a, b, c) => {
    assert.deepEqual(mergeRecords(mergeRecords(a, b), c), mergeRecords(a, mergeRecords(b, c)));
  }));
});

Deno.test("mergeRecords() is idempotent and returns the same object when there is no news", () => {
  fc.assert(fc.property(anyRecord, anyRecord, (a, b) => {
    assert.equal(mergeRecords(a, structuredClone(a)), a);
    const merged = mergeRecords(a, b);
    assert.equal(mergeRecords(merged, a), merged);
    assert.equal(mergeRecords(merged, b), merged);
  }));
});

Deno.test("mergeRecords() never changes what it was given", () => {
  fc.assert(fc.property(anyRecord, anyRecord, (a, b) => {
    const before = structuredClone({ a, b });
    mergeRecords(a, b);
    assert.deepEqual({ a, b }, before);
  }));
});

Deno.test("mergeRecords() keeps edits made to different fields while the line was down", () => {
  const london = user({ fields: new Map([["active", { stamp: at(5), value: encodeValue(false) }]]) });
  const sydney = user({ sets: new Map([["groups", new Map([["g1", { stamp: at(6), present: true }]])]]) });
  const merged = mergeRecords(london, sydney);
  assert.equal(decodeValue(merged.fields.get("active")!.value), false);
  assert.equal(merged.sets.get("groups")?.get("g1")?.present, true);
});

Deno.test("mergeRecords() takes the later of two edits to one field, whichever side it is on", () => {
  for (const merged of [mergeRecords(named("b", 1), named("a", 2)), mergeRecords(named("a", 2), named("b", 1))]) {
    assert.equal(decodeValue(merged.fields.get("username")!.value), "a");
  }
});

Deno.test("mergeRecords() takes the greater value between equal stamps", () => {
  for (const merged of [mergeRecords(named("a", 1), named("b", 1)), mergeRecords(named("b", 1), named("a", 1))]) {
    assert.equal(decodeValue(merged.fields.get("username")!.value), "b");
  }
});

Deno.test("mergeRecords() keeps an element between equal stamps of adding and removing it", () => {
  const added = user({ sets: new Map([["roles", new Map([["r", { stamp: at(1), present: true }]])]]) });
  const removed = user({ sets: new Map([["roles", new Map([["r", { stamp: at(1), present: false }]])]]) });
  assert.equal(mergeRecords(added, removed), added);
  assert.deepEqual(mergeRecords(removed, added), added);
});

Deno.test("mergeRecords() lets a tombstone beat every edit, however late, and drops the fields", () => {
  const tombstone = user({ deletedAt: at(1) });
  assert.equal(mergeRecords(tombstone, named("a", 9)), tombstone);
  assert.deepEqual(mergeRecords(named("a", 9), tombstone), tombstone);
});

Deno.test("mergeRecords() takes the later of two tombstones", () => {
  const [early, late] = [user({ deletedAt: at(1) }), user({ deletedAt: at(2) })];
  assert.equal(mergeRecords(early, late).deletedAt, at(2));
  assert.equal(mergeRecords(late, early), late);
});

Deno.test("mergeRecords() keeps a name that is a field on one side and a set on the other as both", () => {
  const field = user({ fields: new Map([["zones", { stamp: at(1), value: encodeValue(["au"]) }]]) });
  const set = user({ sets: new Map([["zones", new Map([["gb", { stamp: at(2), present: true }]])]]) });
  const merged = mergeRecords(field, set);
  assert.deepEqual(merged.fields, field.fields);
  assert.deepEqual(merged.sets, set.sets);
});
