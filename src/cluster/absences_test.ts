import assert from "node:assert/strict";
import { Absences } from "./absences.ts";

const ID = "01977420-dc00-7000-8000-000000000001";
const DAY_MS = 86_400_000;

Deno.test("Absences.problemOf() advises to forget whoever is gone for thirty days, and not before", () => {
  const absences = new Absences([]);
  absences.changed({ id: ID, state: "dead" }, 1_000);
  assert.equal(absences.problemOf(ID, 1_000 + 30 * DAY_MS - 1), undefined);
  assert.match(absences.problemOf(ID, 1_000 + 30 * DAY_MS)!, /gone for 30 days.*knot cluster forget 01977420/);
});

Deno.test("Absences counts from when the member went, whatever it is called since", () => {
  const absences = new Absences([]);
  absences.changed({ id: ID, state: "leaving" }, 1_000);
  absences.changed({ id: ID, state: "dead" }, 2_000);
  assert.equal(absences.sinceMs(ID), 1_000);
});

Deno.test("Absences begins anew when the member was back in between", () => {
  const absences = new Absences([]);
  absences.changed({ id: ID, state: "dead" }, 1_000);
  absences.changed({ id: ID, state: "alive" }, 2_000);
  assert.equal(absences.sinceMs(ID), undefined);
  absences.changed({ id: ID, state: "dead" }, 3_000);
  assert.equal(absences.sinceMs(ID), 3_000);
});

Deno.test("Absences goes on where the last start of this server left off", () => {
  const absences = new Absences([{ id: ID, incarnation: 1, state: "dead", goneSinceMs: 5_000 }]);
  absences.changed({ id: ID, state: "dead" }, 9_000);
  assert.equal(absences.sinceMs(ID), 5_000);
});
