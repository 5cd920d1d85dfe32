import assert from "node:assert/strict";
import type { Member, MemberFacts, MemberUpdate } from "./member.ts";
import { OwnPlace } from "./own_place.ts";
import type { MembershipPort } from "./port.ts";

const facts = (bootId: string, startedAtMs = 0): MemberFacts => ({
  address: "a:1",
  zone: "z",
  hostname: "h",
  version: "0",
  apiEndpoint: "",
  bootId,
  startedAtMs,
  protocolMin: 1,
  protocolMax: 1,
  lineage: "",
  saidAt: 0,
});

/** A server with boot id `mine`, at incarnation 5. */
function bench(mine = "55", startedAtMs = 0) {
  const expelled: string[] = [];
  const place = new OwnPlace(
    { expelled: (reason: string) => expelled.push(reason), log() {} } as unknown as MembershipPort,
  );
  const own: Member = { id: "me", incarnation: 5, state: "alive", facts: facts(mine, startedAtMs), stateSinceMs: 0 };
  const judge = (update: Omit<MemberUpdate, "id">, leaving = false) =>
    place.judge({ id: "me", ...update }, own, { leaving });
  return { expelled, own, judge, place };
}

Deno.test("OwnPlace refutes who believes us gone, unless we are", () => {
  const { judge } = bench();
  assert.equal(judge({ incarnation: 5, state: "suspect" }), "refute");
  assert.equal(judge({ incarnation: 7, state: "dead" }), "refute");
  assert.equal(judge({ incarnation: 4, state: "dead" }), "ignore");
  assert.equal(judge({ incarnation: 5, state: "suspect" }, true), "ignore");
});

Deno.test("OwnPlace gives up its place when it was removed, once", () => {
  const { judge, own, expelled } = bench();
  assert.equal(judge({ incarnation: 5, state: "left" }), "apply");
  own.state = "left";
  assert.equal(judge({ incarnation: 5, state: "left" }), "ignore");
  assert.equal(expelled.length, 1);
});

Deno.test("OwnPlace takes a former start for old news, and gives way only to a living one", () => {
  const other = (incarnation: number, bootId: string) => ({
    incarnation,
    state: "alive" as const,
    facts: facts(bootId),
  });
  const { judge, expelled } = bench("55");
  assert.equal(judge(other(6, "11")), "refute");
  assert.equal(judge(other(7, "11")), "refute");
  assert.deepEqual(expelled, []);
  judge(other(8, "11"));
  assert.equal(expelled.length, 1);
  const winner = bench("55");
  for (const incarnation of [6, 7, 8, 9]) winner.judge(other(incarnation, "99"));
  assert.deepEqual(winner.expelled, []);
});

Deno.test("OwnPlace gives way to the one that started earlier; between equals to the lesser boot id", () => {
  const gives = (mine: [string, number], theirs: [string, number]) => {
    const { place, own, expelled } = bench(...mine);
    place.met(facts(...theirs), own);
    return expelled.length === 1;
  };
  assert(gives(["11", 2_000], ["99", 1_000]));
  assert(!gives(["99", 1_000], ["11", 2_000]));
  assert(gives(["99", 1_000], ["11", 1_000]));
  assert(!gives(["11", 1_000], ["99", 1_000]));
});
