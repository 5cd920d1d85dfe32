import assert from "node:assert/strict";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { RecordTable } from "../cluster/mod.ts";
import { encodeValue, formatStamp, packRecord, type RecordState, type Value } from "../records/mod.ts";
import { ShownRecords } from "./shown_records.ts";

const at = (ms: number) => formatStamp({ ms, counter: 0, node: "a".repeat(32) });

function group(id: string, name: Value, ms = 1): RecordState {
  return {
    kind: "group",
    id,
    fields: new Map([["name", { stamp: at(ms), value: encodeValue(name) }]]),
    sets: new Map(),
  };
}

function deleted(id: string): RecordState {
  return { kind: "group", id, deletedAt: at(9), fields: new Map(), sets: new Map() };
}

const rowOf = (state: RecordState) => ({ kind: state.kind, id: state.id, packed: packRecord(state) });

/** A table with these records, and what is shown of it. */
function shownTable(...states: RecordState[]) {
  const table = new RecordTable();
  for (const state of states) table.put(state, packRecord(state));
  const clock = new VirtualClock();
  const shown = new ShownRecords(table, clock);
  return { table, shown, clock, ids: () => shown.views("group").map(({ id }) => id) };
}

Deno.test("ShownRecords shows what has arrived under id and name, in lists and counts, until it is settled", () => {
  const { table, shown, ids } = shownTable(group("a", "one"), group("c", "three"));
  const arrived = group("b", "two");
  assert.deepEqual(shown.add(-1, [rowOf(arrived)]), [{ kind: "group", id: "b", change: "changed" }]);
  assert.equal(shown.view("group", "b")?.fields.name, "two");
  assert.equal(shown.owner("group", "name", "two"), "b");
  assert.equal(shown.owner("group", "name", "one"), "a");
  assert.deepEqual([ids(), shown.count("group"), shown.count("role")], [["a", "b", "c"], 3, 0]);
  shown.settle([-2], () => {});
  assert.equal(shown.count("group"), 3);
  shown.settle([-1], () => {
    assert.deepEqual([ids(), shown.count("group"), shown.view("group", "b")], [["a", "c"], 2, undefined]);
    table.put(arrived, packRecord(arrived));
  });
  assert.deepEqual([ids(), shown.owner("group", "name", "two")], [["a", "b", "c"], "b"]);
});

Deno.test("ShownRecords tells once that a record is deleted that had lost its name", () => {
  const { table, shown } = shownTable(group("a", "one"), group("b", "one", 2));
  const loser = table.losesName("group", "a") ? "a" : "b";
  const change = { kind: "group", id: loser, change: "deleted" } as const;
  assert.deepEqual(shown.add(-1, [rowOf(deleted(loser))]), [change]);
  shown.settle([-1], () => {
    table.put(deleted(loser), packRecord(deleted(loser)));
    assert.deepEqual(shown.untold([change]), []);
  });
});

Deno.test("ShownRecords shows edits, what they make of names, and deletions", () => {
  const { shown, ids } = shownTable(group("a", "one"), group("b", "two"));
  shown.add(-1, [rowOf(group("a", "new", 2)), rowOf(deleted("b"))]);
  assert.equal(shown.view("group", "a")?.fields.name, "new");
  assert.deepEqual(["one", "new", "two"].map((name) => shown.owner("group", "name", name)), [
    undefined,
    "a",
    undefined,
  ]);
  assert.deepEqual([ids(), shown.count("group"), shown.view("group", "b")], [["a"], 1, undefined]);
  assert.deepEqual(shown.withdraw(-1), [
    { kind: "group", id: "a", change: "changed" },
    { kind: "group", id: "b", change: "changed" },
  ]);
  assert.equal(shown.view("group", "a")?.fields.name, "one");
});

Deno.test("ShownRecords leaves out what waits for its time, what is let go, and more than a few", () => {
  const { shown } = shownTable(group("a", "one"));
  assert.deepEqual(
    shown.add(-1, [{ ...rowOf(group("a", "future", 2)), isAside: true }, {
      kind: "group",
      id: "a",
      packed: undefined,
    }]),
    [],
  );
  assert.equal(shown.view("group", "a")?.fields.name, "one");
  const many = Array.from({ length: 101 }, (_, i) => rowOf(group(`many${i}`, `name${i}`)));
  assert.deepEqual(shown.add(-2, many), []);
  assert.equal(shown.add(-3, many.slice(1)).length, 100);
  assert.deepEqual(shown.add(-4, many.slice(0, 1)), []);
  assert.equal(shown.withdraw(-3)[0].change, "deleted");
  assert.deepEqual([shown.count("group"), shown.view("group", "many1")], [1, undefined]);
});

Deno.test("ShownRecords tells of a change once, and again of one that makes or ends a conflict", () => {
  const { table, shown } = shownTable(group("a", "one"), group("b", "two"));
  const tell = (token: number, ...states: RecordState[]) => {
    const early = shown.add(token, states.map(rowOf)).length;
    let late = 0;
    shown.settle([token], () => {
      for (const state of states) table.put(state, packRecord(state));
      late = shown.untold(states.map(({ kind, id }) => ({ kind, id, change: "changed" }))).length;
    });
    return [early, late];
  };
  assert.deepEqual(tell(-1, group("b", "three", 2)), [1, 0]);
  assert.deepEqual(tell(-2, group("b", "one", 3)), [1, 1], "it has lost its name");
  assert.deepEqual(tell(-3, group("b", "two", 4)), [1, 1], "it has one again");
  assert.deepEqual(tell(-4, group("b", "three", 5)), [1, 0]);
  assert.equal(shown.untold([{ kind: "group", id: "b", change: "changed" }]).length, 1, "another change of it");
});

Deno.test("ShownRecords relies on no disk that refused something within a minute", () => {
  const { shown, clock } = shownTable();
  const row = rowOf(group("a", "one"));
  assert.equal(shown.add(-1, [row]).length, 1);
  shown.withdraw(-1);
  for (const [ms, count] of [[0, 0], [59_999, 0], [1, 1]]) {
    clock.advance(ms);
    assert.equal(shown.add(-2, [row]).length, count);
  }
});
