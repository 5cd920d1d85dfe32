import assert from "node:assert/strict";
import { HybridClock, type Stamp } from "../records/mod.ts";
import { fateOf, Generation } from "./generation.ts";

const SELF = "0190a000-0000-7000-8000-000000000001";
const FORMER = "0190a000-0000-7000-8000-000000000002";
const FRIEND = "0190a000-0000-7000-8000-000000000003";
const STRANGER = "0190a000-0000-7000-8000-000000000004";
const at = (number: number) => number.toString(16).padStart(12, "0") + "0000";
const stamp = (node: string, ms: number) => new HybridClock(node).now(ms);
const boots = [{ bootId: "b1", floor: at(0) }, { bootId: "b2", floor: at(50) }, { bootId: "b3", floor: at(70) }];

Deno.test("Generation.isOlderThan() notices a disk that ended earlier than a member remembers", () => {
  const generation = new Generation(SELF, boots, { unsettled: undefined, settledAt: undefined });
  assert.equal(generation.isOlderThan({ bootId: "b1", floor: at(50) }), false);
  assert.equal(generation.isOlderThan({ bootId: "b1", floor: at(51) }), true, "the copy was made before 51");
  assert.equal(generation.isOlderThan({ bootId: "b3", floor: at(999) }), false, "the present process");
  assert.equal(generation.isOlderThan({ bootId: "b9", floor: at(1) }), true, "a start that this disk has not seen");
});

Deno.test("Generation.isUnagreed() is true for what nobody remembered wrote or agreed on", () => {
  const generation = new Generation(SELF, boots, { unsettled: { knownUpTo: at(0) }, settledAt: undefined });
  const isUnagreed = (stamp: Stamp) => generation.isUnagreed(stamp, { agreed: at(100), members: [FRIEND] });
  for (const author of [SELF, FORMER, STRANGER]) {
    assert.equal(isUnagreed(stamp(author, 101)), true, author);
    assert.equal(isUnagreed(stamp(author, 100)), false, author);
  }
  assert.equal(isUnagreed(stamp(FRIEND, 101)), false, "its author is there, and has deleted it");
});

Deno.test("Generation.unsettle() remembers what the cluster knows of our own writes", () => {
  const generation = new Generation(SELF, boots, { unsettled: undefined, settledAt: undefined });
  assert.equal(generation.isSettled, true);
  generation.unsettle(at(200));
  assert.equal(generation.unsettle(at(150)).knownUpTo, at(200));
  const isUnagreed = (stamp: Stamp) => generation.isUnagreed(stamp, { agreed: at(100), members: [FRIEND] });
  assert.deepEqual([isUnagreed(stamp(SELF, 200)), isUnagreed(stamp(SELF, 201))], [false, true]);
  generation.settle(at(200));
  assert.equal(generation.isSettled, true);
});

Deno.test("fateOf() renews what is new, drops what was known, and tells edits apart", () => {
  const isUnagreed = (stamp: Stamp) => stamp >= at(100);
  const value = new Uint8Array([0xf6]);
  const record = (...ms: number[]) => ({
    ...{ kind: "group", id: "g", sets: new Map() },
    fields: new Map(ms.map((each, i) => [`f${i}`, { stamp: stamp(SELF, each), value }])),
  });
  assert.equal(fateOf(record(101, 120), { isUnagreed, isKnown: false }), "renew");
  assert.equal(fateOf(record(101, 120), { isUnagreed, isKnown: true }), "drop_edited");
  assert.equal(fateOf(record(99, 98), { isUnagreed, isKnown: true }), "drop");
  assert.equal(fateOf(record(99, 120), { isUnagreed, isKnown: true }), "drop_edited");
});
