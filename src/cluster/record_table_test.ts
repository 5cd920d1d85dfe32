import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeValue, encodeValue, formatStamp, packRecord, type RecordState } from "../records/mod.ts";
import { RecordTable } from "./record_table.ts";

const at = (ms: number) => formatStamp({ ms, counter: 0, node: "a".repeat(32) });

function group(id: string, name: string, ms: number): RecordState {
  return {
    kind: "group",
    id,
    fields: new Map([["name", { stamp: at(ms), value: encodeValue(name) }]]),
    sets: new Map(),
  };
}

function tombstone(id: string, ms: number): RecordState {
  return { kind: "group", id, deletedAt: at(ms), fields: new Map(), sets: new Map() };
}

const id = fc.nat(40).map((number) => `g${String(number).padStart(2, "0")}`);
const name = fc.constantFrom("ops", "dev", "qa", "sre");
const ms = fc.nat(1_000);
const step = fc.oneof(
  fc.tuple(id, name, ms).map(([id, name, ms]) => ({ id, state: group(id, name, ms), aside: undefined })),
  fc.tuple(id, name, name, ms).map(([id, name, shown, ms]) => ({
    id,
    state: group(id, name, ms),
    aside: { shown: group(id, shown, ms) as RecordState | undefined },
  })),
  id.map((id) => ({ id, state: group(id, "later", 9), aside: { shown: undefined } })),
  fc.tuple(id, ms).map(([id, ms]) => ({ id, state: tombstone(id, ms), aside: undefined })),
  id.map((id) => ({ id, state: undefined, aside: undefined })),
);

Deno.test("RecordTable shows, counts and indexes what was put in last, whatever was there before", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
      const table = new RecordTable();
      table.setLineage("lineage");
      const model = new Map<string, { state: RecordState; shown: RecordState | undefined }>();
      for (const { id, state, aside } of steps) {
        if (state === undefined) {
          const shown = model.get(id)?.shown;
          assert.equal(table.remove("group", id), shown !== undefined && shown.deletedAt === undefined);
          model.delete(id);
        } else {
          table.put(state, packRecord(state), aside);
          model.set(id, { state, shown: aside === undefined ? state : aside.shown });
        }
      }
      const anew = new RecordTable();
      for (const { state } of model.values()) anew.put(state, packRecord(state));
      anew.setLineage("lineage");
      assert.deepEqual(table.index.roots, anew.index.roots);
      assert.equal(table.size, model.size);

      const shown = [...model.values()].map(({ shown }) => shown)
        .filter((state) => state !== undefined && state.deletedAt === undefined) as RecordState[];
      const ids = shown.map(({ id }) => id).sort();
      assert.deepEqual(table.views("group").map(({ id }) => id), ids);
      assert.equal(table.count("group"), ids.length);
      for (const [id, { state, shown }] of model) {
        assert.deepEqual(table.packed("group", id), packRecord(state));
        const shownState = table.shownState("group", id);
        assert.deepEqual(shownState && packRecord(shownState), shown && packRecord(shown));
        const own = shown?.fields.get("name");
        const claims = own === undefined || shown === undefined ? [] : shownClaims(shown, [...model.values()]);
        assert.equal(table.losesName("group", id), own !== undefined && claims[0] !== id);
        if (own !== undefined) assert.equal(table.owner("group", "name", nameOf(shown!)), claims[0]);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("RecordTable keys names and index anew when the lineage becomes known", () => {
  const table = new RecordTable();
  table.put(group("g1", "ops", 1), packRecord(group("g1", "ops", 1)));
  const before = table.index.roots;
  table.setLineage("lineage");
  assert.notDeepEqual(table.index.roots, before);
  assert.equal(table.owner("group", "name", "ops"), "g1");
  assert.equal(table.view("group", "g1")?.fields.name, "ops");
});

function nameOf(state: RecordState): string {
  return decodeValue(state.fields.get("name")!.value) as string;
}

/** Who is shown with the same name, its owner first. */
function shownClaims(state: RecordState, all: ReadonlyArray<{ readonly shown: RecordState | undefined }>): string[] {
  return all.flatMap(({ shown }) => shown?.fields.has("name") && nameOf(shown) === nameOf(state) ? [shown] : [])
    .map(({ id, fields }) => ({ id, order: fields.get("name")!.stamp + id }))
    .sort((a, b) => a.order < b.order ? -1 : 1)
    .map(({ id }) => id);
}
