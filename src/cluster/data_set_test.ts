import assert from "node:assert/strict";
import type { Member } from "../membership/mod.ts";
import { DataSet } from "./data_set.ts";

const PARTNER = "0190a000-0000-7000-8000-000000000002";
const LINEAGE = "0190a000-0000-7000-8000-00000000000a";

/** A server that copies a data set, with commits that the test begins and ends. */
function copyingServer({ isAlone = false } = {}) {
  const open = new Set<number>();
  const timers: Array<() => void> = [];
  const asked: string[] = [];
  let nextJob = 0;
  let members: Member[] = [];
  const facts = { lineage: LINEAGE } as Member["facts"];
  const memberOf = (id: string) => ({ id, state: "alive", incarnation: 0, facts }) as Member;
  const dataSet = new DataSet({ lineage: LINEAGE, copying: true }, {
    after: (_delayMs, callback) => timers.push(callback),
    members: () => members,
    isAlone,
    member: (id) => memberOf(id),
    commitAdoption: () => {},
    announce: () => {},
    compareWith: (id) => asked.push(id),
    rememberCopied: () => {},
    nextJob: () => nextJob,
    isDoneBefore: (job) => [...open].every((number) => number >= job),
    changed: () => {},
    log: () => {},
  });
  dataSet.start();
  const begin = () => {
    open.add(nextJob);
    return nextJob++;
  };
  const end = (job: number) => {
    open.delete(job);
    dataSet.committed();
  };
  const passLook = () => timers.splice(0).forEach((callback) => callback());
  const passLong = () => {
    for (let look = 0; look < 12; look++) passLook();
  };
  const setMembers = (...now: Member[]) => void (members = now);
  const setSources = (ids: readonly string[]) => setMembers(...ids.map(memberOf));
  const copying = (id: string, state: Member["state"] = "alive"): Member => {
    return { ...memberOf(id), state, facts: { ...facts!, copying: true } };
  };
  return { dataSet, begin, end, passLook, passLong, asked, setSources, setMembers, copying };
}

Deno.test("DataSet.comparedWith() ends the first copy only when all that came is on disk, however long that takes", () => {
  const { dataSet, begin, end, passLong } = copyingServer();
  const [first, second] = [begin(), begin()];
  dataSet.comparedWith(PARTNER);
  passLong();
  end(first);
  assert.ok(dataSet.isCopying);
  end(second);
  assert.ok(!dataSet.isCopying);
});

Deno.test("DataSet.comparedWith() ends the first copy while later writes are under way", () => {
  const { dataSet, begin, end } = copyingServer();
  const copied = begin();
  dataSet.comparedWith(PARTNER);
  begin();
  end(copied);
  assert.ok(!dataSet.isCopying);
});

Deno.test("DataSet asks again where nothing came for long, and ends the copy only when nobody is left to copy from", () => {
  const { dataSet, begin, end, passLong, asked, setSources } = copyingServer();
  setSources([PARTNER]);
  passLong();
  assert.deepEqual([asked, dataSet.isCopying], [[PARTNER], true]);
  end(begin());
  passLong();
  assert.deepEqual([asked, dataSet.isCopying], [[PARTNER], true], "while something comes, nothing is asked twice");
  setSources([]);
  passLong();
  assert.ok(!dataSet.isCopying);
});

Deno.test("DataSet ends the first copy soon where all are there and nobody has the whole", () => {
  const { dataSet, passLook, setMembers, copying } = copyingServer();
  setMembers(copying("self"), copying(PARTNER, "dead"));
  passLook();
  assert.ok(dataSet.isCopying, "who is away may have the whole");
  setMembers(copying("self"), copying(PARTNER));
  passLook();
  assert.ok(!dataSet.isCopying);
});

for (const isAlone of [true, false]) {
  const what = isAlone ? "ends the first copy soon" : "waits for its peers";
  Deno.test(`DataSet of a server that knows nobody, with ${isAlone ? "no" : "some"} peers configured, ${what}`, () => {
    const { dataSet, passLook, setMembers, copying } = copyingServer({ isAlone });
    setMembers(copying("self"));
    passLook();
    assert.equal(dataSet.isCopying, !isAlone);
  });
}
