import assert from "node:assert/strict";
import fc from "fast-check";
import { type Member, type MemberState, supersedes } from "./member.ts";
import { MemberTable } from "./member_table.ts";

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
