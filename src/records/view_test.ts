import assert from "node:assert/strict";
import { AssertionError } from "../base/mod.ts";
import type { RecordState } from "./record.ts";
import { formatStamp } from "./stamp.ts";
import { encodeValue } from "./value.ts";
import { viewRecord } from "./view.ts";

const at = (ms: number) => formatStamp({ ms, counter: 0, node: "a".repeat(32) });

const state: RecordState = {
  kind: "user",
  id: "u1",
  fields: new Map([
    ["username", { stamp: at(1000), value: encodeValue("ann") }],
    ["password", { stamp: at(2000), value: encodeValue("hash") }],
  ]),
  sets: new Map([
    [
      "groups",
      new Map([
        ["z", { stamp: at(1500), present: true }],
        ["gone", { stamp: at(3000), present: false }],
        ["a", { stamp: at(1000), present: true }],
      ]),
    ],
    ["teams", new Map([["t", { stamp: at(1000), present: false }]])],
  ]),
};

Deno.test("viewRecord() shows values, and the elements that are present in text order", () => {
  const view = viewRecord(state, "0123456789abcdef");
  assert.equal(view.kind, "user");
  assert.equal(view.id, "u1");
  assert.equal(view.version, "0123456789abcdef");
  assert.deepEqual(view.fields, { username: "ann", password: "hash" });
  assert.deepEqual(view.sets.groups, ["a", "z"]);
  assert.deepEqual(view.sets.teams, []);
});

Deno.test("viewRecord() shows the sets of its kind even when they were never written", () => {
  assert.deepEqual(viewRecord(state, "").sets.roles, []);
  assert.equal("zones" in viewRecord(state, "").sets, false);
});

Deno.test("viewRecord() tells when each field, and anything at all, was last written", () => {
  const view = viewRecord(state, "");
  assert.equal(view.stampMs("username"), 1000);
  assert.equal(view.stampMs("password"), 2000);
  assert.equal(view.stampMs("email"), undefined);
  assert.equal(view.createdAtMs, 1000);
  assert.equal(view.updatedAtMs, 3000);
});

Deno.test("viewRecord() refuses a tombstone", () => {
  const tombstone = { kind: "user", id: "u1", deletedAt: at(1), fields: new Map(), sets: new Map() };
  assert.throws(() => viewRecord(tombstone, ""), AssertionError);
});
