import assert from "node:assert/strict";
import fc from "fast-check";
import { AssertionError } from "../base/mod.ts";
import { WRITTEN_LIMITS } from "./limits.ts";
import { mergeRecords } from "./merge.ts";
import type { RecordState } from "./record.ts";
import { formatStamp, stampMs } from "./stamp.ts";
import { decodeValue, encodeValue } from "./value.ts";
import { applyWrite, type Write, type WriteBase } from "./write.ts";

const at = (ms: number) => formatStamp({ ms, counter: 0, node: "a".repeat(32) });

type Contents = Pick<Write & { op: "update" }, "fields" | "sets" | "base">;

const update = (contents: Contents): Write => ({ op: "update", kind: "user", id: "u1", ...contents });
const create = ({ fields = {}, sets }: Contents): Write => ({ op: "create", kind: "user", id: "u1", fields, sets });
const remove: Write = { op: "delete", kind: "user", id: "u1" };

function applied(current: RecordState | undefined, write: Write, ms: number): RecordState {
  const result = applyWrite(current, write, at(ms));
  assert.ok(result.kind === "applied", JSON.stringify(result));
  assert.equal(result.changed, result.state !== current);
  return result.state;
}

function refusal(current: RecordState | undefined, write: Write, ms: number): string {
  const result = applyWrite(current, write, at(ms));
  assert.ok(result.kind === "refused", result.kind);
  return result.reason;
}

/** Ann as created at 1: a name, an email, in groups a and b. */
const ann = applied(
  undefined,
  create({ fields: { username: "ann", email: "ann@x" }, sets: { groups: ["a", "b"] } }),
  1,
);

/** Values by field and presence by set element, each with the milliseconds of its stamp. */
function contents(state: RecordState): Record<string, unknown> {
  const fields = [...state.fields].map(([name, { stamp, value }]) => [name, [decodeValue(value), stampMs(stamp)]]);
  const elements = [...state.sets].flatMap(([set, elements]) =>
    [...elements].map(([element, { stamp, present }]) => [`${set}.${element}`, [present, stampMs(stamp)]])
  );
  return Object.fromEntries([...fields, ...elements]);
}

Deno.test("applyWrite() creates a record with one stamp on everything", () => {
  assert.deepEqual(contents(ann), {
    username: ["ann", 1],
    email: ["ann@x", 1],
    "groups.a": [true, 1],
    "groups.b": [true, 1],
  });
});

Deno.test("applyWrite() never creates over an id that exists or was deleted", () => {
  const write = create({ fields: { username: "bob" } });
  assert.deepEqual(applyWrite(ann, write, at(2)), { kind: "id_used" });
  assert.deepEqual(applyWrite(applied(ann, remove, 2), write, at(3)), { kind: "id_used" });
});

Deno.test("applyWrite() finds nothing to update or delete where a record never was, or is deleted", () => {
  for (const current of [undefined, applied(ann, remove, 2)]) {
    assert.deepEqual(applyWrite(current, update({ fields: { email: "x" } }), at(3)), { kind: "not_found" });
    assert.deepEqual(applyWrite(current, remove, at(3)), { kind: "not_found" });
  }
});

Deno.test("applyWrite() deletes into a tombstone that knows when the record was born", () => {
  assert.deepEqual(applied(ann, remove, 2), {
    kind: "user",
    id: "u1",
    deletedAt: at(2),
    born: at(1),
    fields: new Map(),
    sets: new Map(),
  });
});

Deno.test("applyWrite() stamps only the fields and elements that changed", () => {
  const write = update({
    fields: { username: "ann", email: "new@x", active: true },
    sets: { groups: ["b", "c"], roles: [] },
  });
  assert.deepEqual(contents(applied(ann, write, 2)), {
    username: ["ann", 1],
    email: ["new@x", 2],
    active: [true, 2],
    "groups.a": [false, 2],
    "groups.b": [true, 1],
    "groups.c": [true, 2],
  });
});

Deno.test("applyWrite() returns the same record when nothing changed", () => {
  const same = update({
    fields: { username: "ann", email: undefined as unknown as string },
    sets: { groups: ["b", "a", "a"] },
  });
  assert.equal(applied(ann, same, 2), ann);
  assert.equal(applied(ann, update({}), 2), ann);
});

Deno.test("applyWrite() takes another encoding of the same value for unchanged", () => {
  const sevenInTwoBytes = Uint8Array.of(0x18, 7);
  const fields = new Map([["max_spaces", { stamp: at(1), value: sevenInTwoBytes }]]);
  const current: RecordState = { kind: "user", id: "u1", fields, sets: new Map() };
  assert.equal(applied(current, update({ fields: { max_spaces: 7 } }), 2), current);
});

Deno.test("applyWrite() leaves alone what the client did not touch since it had read it", () => {
  const base: WriteBase = { fields: { username: "ann", email: "ann@x" }, sets: { groups: ["a", "b"] } };
  const meanwhile = applied(ann, update({ fields: { email: "other@x" }, sets: { groups: ["a", "c"] } }), 2);
  const whole = update({ fields: { username: "anna", email: "ann@x" }, sets: { groups: ["a", "b", "d"] }, base });
  assert.deepEqual(contents(applied(meanwhile, whole, 3)), {
    username: ["anna", 3],
    email: ["other@x", 2],
    "groups.a": [true, 1],
    "groups.b": [false, 2],
    "groups.c": [true, 2],
    "groups.d": [true, 3],
  });
});

Deno.test("applyWrite() does not stamp again what someone else changed to the same meanwhile", () => {
  const base: WriteBase = { fields: { email: "ann@x" }, sets: { groups: ["a", "b"] } };
  const edit: Contents = { fields: { email: "new@x" }, sets: { groups: ["b", "c"] } };
  const meanwhile = applied(ann, update(edit), 2);
  assert.equal(applied(meanwhile, update({ ...edit, base }), 3), meanwhile);
});

Deno.test("applyWrite() compares with the current contents where the base says nothing", () => {
  const base: WriteBase = { fields: {}, sets: {} };
  const write = update({ fields: { username: "ann", email: "new@x" }, sets: { groups: ["a"] }, base });
  assert.deepEqual(contents(applied(ann, write, 2)), {
    username: ["ann", 1],
    email: ["new@x", 2],
    "groups.a": [true, 1],
    "groups.b": [false, 2],
  });
});

Deno.test("applyWrite() is not confused by a field that is called like a property of every object", () => {
  const base: WriteBase = { fields: {}, sets: {} };
  const write = update({ fields: { constructor: "x" as never }, sets: { constructor: ["y"] as never }, base });
  assert.equal(decodeValue(applied(ann, write, 2).fields.get("constructor")!.value), "x");
});

Deno.test("applyWrite() on two sides of a partition merges into both edits", () => {
  const london = applied(ann, update({ fields: { active: false } }), 2);
  const sydney = applied(ann, update({ fields: { email: "new@x" }, sets: { groups: ["a", "b", "c"] } }), 3);
  assert.deepEqual(contents(mergeRecords(london, sydney)), {
    username: ["ann", 1],
    email: ["new@x", 3],
    active: [false, 2],
    "groups.a": [true, 1],
    "groups.b": [true, 1],
    "groups.c": [true, 3],
  });
});

Deno.test("applyWrite() makes what survives merging with what it replaced", () => {
  const anyEdit = fc.record({
    email: fc.constantFrom("ann@x", "b@x", "c@x"),
    groups: fc.subarray(["a", "b", "c"]),
  });
  fc.assert(fc.property(fc.array(anyEdit, { maxLength: 6 }), (edits) => {
    let current = ann;
    edits.forEach(({ email, groups }, i) => {
      const next = applied(current, update({ fields: { email }, sets: { groups } }), i + 2);
      assert.deepEqual(mergeRecords(current, next), next);
      current = next;
    });
  }));
});

Deno.test("applyWrite() refuses an edit that would lose against a stamp of the future", () => {
  assert.match(
    refusal(applied(ann, update({ fields: { email: "b@x" } }), 9), update({ fields: { email: "c@x" } }), 5),
    /clock/,
  );
  assert.match(
    refusal(applied(ann, update({ sets: { groups: [] } }), 9), update({ sets: { groups: ["a"] } }), 5),
    /clock/,
  );
});

Deno.test("applyWrite() lets the writes of one batch share a stamp", () => {
  const first = applied(ann, update({ fields: { email: "b@x" }, sets: { groups: [] } }), 2);
  const second = applied(first, update({ fields: { email: "c@x" }, sets: { groups: ["a"] } }), 2);
  assert.deepEqual(contents(second), {
    username: ["ann", 1],
    email: ["c@x", 2],
    "groups.a": [true, 2],
    "groups.b": [false, 2],
  });
});

Deno.test("applyWrite() refuses what could not be stored", () => {
  const huge = "x".repeat(7 * 1024 * 1024);
  const cases: Record<string, Contents> = {
    "neither fields nor sets": { sets: { groups: [] } },
    "bytes are": { fields: { job: huge, volumes: huge } },
    "elements in set": {
      sets: { groups: Array.from({ length: WRITTEN_LIMITS.setElementsMax + 1 }, (_, i) => `${i}`) },
    },
    "as field": { fields: { "Not A Name": 1 } },
    "not valid Unicode": { sets: { groups: ["\ud800"] } },
    "it holds a function": { fields: { email: (() => 1) as never } },
  };
  for (const [reason, contents] of Object.entries(cases)) {
    const actual = refusal(undefined, create(contents), 1);
    assert.ok(actual.includes(reason), `"${actual}" tells "${reason}"`);
  }
  const badId: Write = { op: "create", kind: "user", id: "../u1", fields: { email: "x" } };
  assert.match(refusal(undefined, badId, 1), /as id/);
});

Deno.test("applyWrite() lets a record be mended that a merge made larger than one writer may", () => {
  const large = encodeValue("x".repeat(7 * 1024 * 1024));
  const fields = new Map(["job", "notes", "volumes"].map((name) => [name, { stamp: at(1), value: large }] as const));
  const merged: RecordState = { kind: "user", id: "u1", fields, sets: new Map() };
  assert.equal(decodeValue(applied(merged, update({ fields: { job: "" } }), 2).fields.get("job")!.value), "");
});

Deno.test("applyWrite() refuses to apply one record's write to another", () => {
  assert.throws(() => applyWrite({ ...ann, id: "u2" }, remove, at(2)), AssertionError);
});
