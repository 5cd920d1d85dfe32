import assert from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../base/mod.ts";
import { type Member, type MemberState, supersedes } from "./member.ts";
import { MEMBERS_MAX, MemberTable } from "./member_table.ts";

const STATES: MemberState[] = ["alive", "suspect", "dead", "leaving", "left"];
const statement = fc.record({ incarnation: fc.nat(4), state: fc.constantFrom(...STATES) });

Deno.test("supersedes() lets the greater incarnation win, within one the graver state", () => {
  const known: Pick<Member, "incarnation" | "state"> = { incarnation: 3, state: "suspect" };
  assert(supersedes({ incarnation: 4, state: "alive" }, known));
  assert(supersedes({ incarnation: 3, state: "dead" }, known));
  assert(!supersedes({ incarnation: 3, state: "suspect" }, known), "a repeated statement is no news");
  assert(!supersedes({ incarnation: 3, state: "alive" }, known), "alive must be said with a new incarnation");
  assert(!supersedes({ incarnation: 2, state: "dead" }, known));
});

Deno.test("supersedes() keeps who left for ever", () => {
  assert(supersedes({ incarnation: 0, state: "left" }, { incarnation: 9, state: "alive" }));
  assert(!supersedes({ incarnation: 99, state: "alive" }, { incarnation: 0, state: "left" }));
});

Deno.test("MemberTable.apply() comes to the same state whatever the order of the statements", () => {
  fc.assert(fc.property(fc.array(statement, { minLength: 1, maxLength: 8 }), fc.nat(), (statements, seed) => {
    const end = (order: typeof statements) => {
      const table = new MemberTable();
      for (const each of order) table.apply({ id: "a", ...each }, 0);
      const { state, incarnation } = table.get("a")!;
      return state === "left" ? "left" : `${incarnation} ${state}`;
    };
    const rotated = [...statements.slice(seed % statements.length), ...statements.slice(0, seed % statements.length)];
    assert.equal(end(rotated), end(statements));
  }));
});

Deno.test("MemberTable.fingerprint follows what is known, not the order in which it was learnt", () => {
  const [one, other] = [new MemberTable(), new MemberTable()];
  one.apply({ id: "a", incarnation: 1, state: "alive" }, 0);
  one.apply({ id: "b", incarnation: 1, state: "alive" }, 0);
  other.apply({ id: "b", incarnation: 1, state: "alive" }, 5);
  assert.notEqual(one.fingerprint, other.fingerprint);
  other.apply({ id: "a", incarnation: 1, state: "alive" }, 5);
  assert.equal(one.fingerprint, other.fingerprint);
  other.apply({ id: "a", incarnation: 1, state: "suspect" }, 6);
  assert.notEqual(one.fingerprint, other.fingerprint);
});

Deno.test("MemberTable.liveCount counts who is alive or suspect", () => {
  const table = new MemberTable();
  table.apply({ id: "a", incarnation: 1, state: "alive" }, 0);
  table.apply({ id: "b", incarnation: 1, state: "alive" }, 0);
  table.apply({ id: "b", incarnation: 1, state: "suspect" }, 0);
  assert.equal(table.liveCount, 2);
  table.apply({ id: "b", incarnation: 1, state: "dead" }, 0);
  assert.equal(table.liveCount, 1);
  table.apply({ id: "b", incarnation: 2, state: "alive" }, 0);
  assert.equal(table.liveCount, 2);
});

Deno.test("MemberTable.circle has the live members, in one order whatever order they were learnt in", () => {
  const ids = ["019a-05", "019b-04", "019c-11", "019d-10"];
  const [one, other] = [new MemberTable(), new MemberTable()];
  for (const id of ids) one.apply({ id, incarnation: 0, state: "alive" }, 0);
  for (const id of ids.toReversed()) other.apply({ id, incarnation: 0, state: "alive" }, 0);
  const order = ["019d-10", "019c-11", "019b-04", "019a-05"];
  assert.deepEqual(one.circle.map(({ id }) => id), order);
  assert.deepEqual(other.circle.map(({ id }) => id), order);
  one.apply({ id: "019c-11", incarnation: 0, state: "dead" }, 0);
  assert.deepEqual(one.circle.map(({ id }) => id), ["019d-10", "019b-04", "019a-05"]);
  one.apply({ id: "019c-11", incarnation: 1, state: "alive" }, 0);
  assert.deepEqual(one.circle.map(({ id }) => id), order);
});

Deno.test("MemberTable.sample() draws each at most once, and finds the few that pass", () => {
  const table = new MemberTable();
  for (let i = 0; i < 200; i++) table.apply({ id: `m${i}`, incarnation: 0, state: i % 50 === 0 ? "dead" : "alive" }, 0);
  const random = seededRandom(1);
  const many = table.sample(30, random, () => true);
  assert.equal(new Set(many).size, 30);
  assert.equal(table.sample(10, random, ({ state }) => state === "dead").length, 4);
  assert.deepEqual(table.sample(3, random, () => false), []);
});

Deno.test("MemberTable.apply() takes nobody in past its bound, and still hears of whom it knows", () => {
  const table = new MemberTable();
  for (let i = 0; i < MEMBERS_MAX; i++) table.apply({ id: `m${i}`, incarnation: 0, state: "alive" }, 0);
  assert.equal(table.apply({ id: "one more", incarnation: 0, state: "alive" }, 0).kind, "full");
  assert.equal(table.apply({ id: "m7", incarnation: 0, state: "dead" }, 0).kind, "believed");
  assert.equal(table.size, MEMBERS_MAX);
});
