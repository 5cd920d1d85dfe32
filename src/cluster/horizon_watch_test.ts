import assert from "node:assert/strict";
import type { Member, MemberFacts, Status } from "../membership/mod.ts";
import { HybridClock, NO_READING, type Reading, type RecordState } from "../records/mod.ts";
import type { Agreement } from "./agreements.ts";
import { Departures } from "./departures.ts";
import { UNKEPT_SET } from "./horizon.ts";
import { HorizonWatch } from "./horizon_watch.ts";
import type { DisputeMessage, GoneMessage, RecallMessage } from "./message.ts";

const SELF = "0190a000-0000-7000-8000-000000000001";
const [FRIEND, OTHER] = ["0190a000-0000-7000-8000-000000000002", "0190a000-0000-7000-8000-000000000003"];
const STRANGER = "0190a000-0000-7000-8000-000000000009";
const LINEAGE = "0190a000-0000-7000-8000-00000000000a";
const at = (ms: number): Reading => ms.toString(16).padStart(12, "0") + "0000";

const member = (id: string): Member => ({
  id,
  incarnation: 0,
  state: "alive",
  facts: { lineage: LINEAGE } as MemberFacts,
  stateSinceMs: 0,
});

const DAY_MS = 86_400_000;

/** A watch over the servers of one data set, what it sent, and which records it wrote anew. */
function watched(
  { others = [FRIEND, OTHER], agreements = [], settledAt, unsettled, states = [] }: {
    others?: readonly string[];
    agreements?: readonly Agreement[];
    settledAt?: Reading;
    unsettled?: { knownUpTo: Reading };
    states?: readonly RecordState[];
  } = {},
) {
  const sent: Array<GoneMessage | RecallMessage | DisputeMessage> = [];
  const renewed: string[] = [];
  const dropped: string[] = [];
  const members = [SELF, ...others].map(member);
  const departures = new Departures();
  const now = { ms: 1_000 };
  const disk = { isBehind: false, lastRemember: 0 };
  const watch = new HorizonWatch(SELF, {
    horizon: NO_READING,
    unsettled,
    settledAt,
    graves: [],
    boots: [],
    agreements,
    records: { departures, track: () => {} },
  }, {
    nowMs: () => now.ms,
    wallMs: () => now.ms,
    after: () => {},
    lineage: () => LINEAGE,
    members: () => members,
    state: (kind, id) => states.find((state) => state.kind === kind && state.id === id),
    floor: () => at(now.ms - 100),
    isDiskBehind: () => disk.isBehind,
    nextJob: () => 0,
    isDoneBefore: () => true,
    lastRemember: () => disk.lastRemember,
    lastReading: () => at(999),
    drop: (keys) => dropped.push(...keys.map(([, id]) => id)),
    renew: ([, id]) => renewed.push(id),
    keep: () => {},
    send: (_to, message) => sent.push(message),
    log: () => {},
  });
  for (const one of members) watch.memberChanged(one);
  const says = (horizon: Reading, agreedSet = watch.status().agreedSet) =>
    ({ floor: at(900), horizon, agreedSet, agreedAt: NO_READING }) as Status;
  return { watch, departures, now, disk, sent, renewed, dropped, says };
}

/** A record that the stranger made. */
function made(id: string, ms: number): RecordState {
  const stamp = new HybridClock(STRANGER).now(ms);
  const value = new Uint8Array([0xf6]);
  return { kind: "group", id, fields: new Map([["name", { stamp, value }]]), sets: new Map() };
}

Deno.test("HorizonWatch follows a greater horizon only as far as its data reaches", () => {
  const agreement = (id: string) => ({ id, reading: at(500), bootId: "b", floor: at(400) });
  const { watch, says } = watched({ agreements: [FRIEND, OTHER].map(agreement) });
  watch.heard(FRIEND, says(at(400)));
  assert.equal(watch.value, at(400), "everybody had agreed up to there");
  watch.heard(FRIEND, says(at(450)));
  assert.equal(watch.value, at(400), "what the others wrote after 400 may be missing on this disk");
  watch.compared(FRIEND, says(at(450)), { equal: true, bootId: "b" });
  assert.equal(watch.value, at(450), "it holds what a server with that horizon holds");
});

Deno.test("HorizonWatch does not say of a record that nobody ever had it, when it came only later", () => {
  const { watch, sent } = watched({ settledAt: at(100) });
  watch.deleted.refused(FRIEND, [made("before", 50), made("after", 150)]);
  const [gone] = sent;
  assert(gone.kind === "gone");
  assert.deepEqual([gone.known, gone.unknown, gone.untold], [[], [["group", "after"]], [["group", "before"]]]);
});

Deno.test("HorizonWatch counts on the horizon for what a member wrote only when the member has come to it", () => {
  const agreement = (id: string) => ({ id, reading: at(500), bootId: "b", floor: at(400) });
  const { watch, sent, says } = watched({ agreements: [FRIEND, OTHER].map(agreement) });
  watch.heard(FRIEND, says(at(400)));
  watch.memberChanged(member(STRANGER)); // It joined through a server that was removed.
  assert(watch.isHolder(STRANGER));
  watch.deleted.refused(FRIEND, [made("alone", 50)]);
  watch.heard(STRANGER, says(at(400)));
  watch.deleted.refused(FRIEND, [made("deleted", 50)]);
  const told = sent.map((gone) => gone.kind === "gone" && [gone.known, gone.unknown]);
  assert.deepEqual(told, [[[], [["group", "alone"]]], [[["group", "deleted"]], []]]);
});

for (const [horizon, fate] of [[at(30), "renewed"], [at(60), "dropped"]] as const) {
  Deno.test(`HorizonWatch that was removed agreed with one that is at ${horizon}: what nobody else knows is ${fate}`, () => {
    const agreements = [{ id: FRIEND, reading: at(500), bootId: "b", floor: at(400) }];
    const unsettled = { knownUpTo: NO_READING };
    const { watch, says, ...did } = watched({ unsettled, agreements, states: [made("record", 50)] });
    watch.heard(FRIEND, says(horizon, "settled"));
    watch.heard(OTHER, says(at(60), "settled"));
    watch.gone(OTHER, goneOf(at(60), { unknown: [["group", "record"]] }));
    assert.deepEqual(did[fate], ["record"]);
  });
}

Deno.test("HorizonWatch does not take a record that came after an agreement for one that was agreed on, where the other knows", () => {
  const agreements = [{ id: FRIEND, reading: at(500), bootId: "b", floor: at(400) }];
  const unsettled = { knownUpTo: NO_READING };
  const { watch, says, renewed, dropped } = watched({ unsettled, agreements, states: [made("record", 50)] });
  for (const id of [FRIEND, OTHER]) watch.heard(id, says(at(60), "settled"));
  watch.gone(OTHER, goneOf(at(60), { untold: [["group", "record"]] }));
  assert.deepEqual([renewed, dropped], [[], []], "the friend may know");
  watch.gone(FRIEND, goneOf(at(60), { unknown: [["group", "record"]] }));
  assert.deepEqual([renewed, dropped], [["record"], []]);
});

Deno.test("HorizonWatch drops what it had agreed on with a third one when the record was made, however late it was edited", () => {
  const agreements = [{ id: FRIEND, reading: at(500), bootId: "b", floor: at(400) }];
  const edited = { ...made("edited", 600), born: made("edited", 50).fields.get("name")!.stamp };
  for (const how of ["unknown", "untold"] as const) {
    const { watch, says, renewed, dropped } = watched({
      ...{ unsettled: { knownUpTo: NO_READING }, agreements, states: [edited] },
    });
    for (const id of [FRIEND, OTHER]) watch.heard(id, says(at(60), "settled"));
    watch.gone(OTHER, goneOf(at(60), { [how]: [["group", "edited"]] }));
    if (how === "untold") watch.gone(FRIEND, goneOf(at(60), { untold: [["group", "edited"]] }));
    assert.deepEqual([renewed, dropped], [[], ["edited"]], how);
  }
});

Deno.test("HorizonWatch writes anew what nobody can tell of, when all that could tell were asked", () => {
  const { watch, renewed, says } = watched({ unsettled: { knownUpTo: NO_READING }, states: [made("alone", 50)] });
  for (const id of [FRIEND, OTHER]) watch.heard(id, says(at(60), "settled"));
  const gone: GoneMessage = {
    kind: "gone",
    lineage: LINEAGE,
    horizon: at(60),
    known: [],
    unknown: [],
    untold: [["group", "alone"]],
  };
  watch.gone(FRIEND, gone);
  assert.deepEqual(renewed, [], "the other may know that it was deleted");
  watch.gone(OTHER, gone);
  assert.deepEqual(renewed, ["alone"]);
});

Deno.test("HorizonWatch writes anew what only another server knows that came from elsewhere, too", () => {
  const { watch, renewed, says } = watched({ unsettled: { knownUpTo: NO_READING }, states: [made("alone", 50)] });
  watch.compared(FRIEND, says(NO_READING, ""), { equal: true, bootId: "b" });
  watch.heard(OTHER, says(at(60), "settled"));
  const horizon = at(60);
  watch.gone(OTHER, { kind: "gone", lineage: LINEAGE, horizon, known: [], unknown: [["group", "alone"]], untold: [] });
  assert.deepEqual(renewed, ["alone"]);
});

Deno.test("HorizonWatch that is not settled leaves what it would hold for agreed to who is, and takes it when nobody is", () => {
  const agreements = [FRIEND, OTHER].map((id) => ({ id, reading: at(500), bootId: "b", floor: at(400) }));
  const { watch, says } = watched({ unsettled: { knownUpTo: NO_READING }, agreements });
  const [old, late] = [made("old", 50), made("late", 600)];
  const deleted: RecordState = { ...old, deletedAt: new HybridClock(STRANGER).now(60) };
  watch.heard(FRIEND, says(at(60), ""));
  assert.equal(watch.deleted.judge(undefined, old, FRIEND), "leave", "nothing was heard of the other yet");
  assert.equal(watch.deleted.judge(undefined, late, FRIEND), "merge", "nobody has agreed on it");
  assert.equal(watch.deleted.judge(undefined, deleted, FRIEND), "merge", "deletions are never lost by it");
  assert.equal(watch.deleted.judge(old, old, FRIEND), "merge", "it is here");
  watch.heard(OTHER, says(at(60), "settled"));
  assert.equal(watch.deleted.judge(undefined, old, FRIEND), "leave");
  assert.equal(watch.deleted.judge(undefined, old, OTHER), "merge", "who is settled knows");
  watch.heard(OTHER, says(at(60), ""));
  assert.equal(watch.deleted.judge(undefined, old, FRIEND), "merge", "nobody knows better");
});

const goneOf = (horizon: Reading, keys: Partial<Pick<GoneMessage, "known" | "unknown" | "untold">>): GoneMessage => {
  return { kind: "gone", lineage: LINEAGE, horizon, known: [], unknown: [], untold: [], ...keys };
};

Deno.test("HorizonWatch disputes what is called deleted up to where it has kept up, and keeps it", () => {
  const agreement = (id: string) => ({ id, reading: at(500), bootId: "b", floor: at(500) });
  const { watch, sent, dropped } = watched({
    agreements: [FRIEND, OTHER].map(agreement),
    states: [made("kept", 50)],
  });
  watch.gone(FRIEND, goneOf(at(450), { known: [["group", "kept"]] }));
  assert.deepEqual([sent, dropped, watch.isSettled], [[{ kind: "dispute", lineage: LINEAGE }], [], true]);
});

Deno.test("HorizonWatch yields to a cluster that went on without it", () => {
  const { watch, sent, dropped } = watched({ states: [made("deleted", 50)] });
  watch.gone(FRIEND, goneOf(at(450), { known: [["group", "deleted"]] }));
  assert.deepEqual([sent, dropped, watch.isSettled], [[], ["deleted"], false]);
});

Deno.test("HorizonWatch that is settled writes anew what nobody is known to have deleted", () => {
  const { watch, renewed, dropped } = watched({ states: [made("kept", 50)] });
  watch.gone(FRIEND, goneOf(at(450), { unknown: [["group", "kept"]] }));
  assert.deepEqual([renewed, dropped, watch.isSettled], [["kept"], [], true]);
});

Deno.test("HorizonWatch takes its own data for incomplete when a settled member disputes, and only then", () => {
  const { watch, says } = watched();
  watch.heard(FRIEND, says(NO_READING, ""));
  watch.disputed(FRIEND);
  assert.equal(watch.isSettled, true, "who is not settled itself knows no better");
  watch.heard(OTHER, says(NO_READING, "settled"));
  watch.disputed(OTHER);
  assert.equal(watch.isSettled, false);
});

Deno.test("HorizonWatch that was told what is gone settles with nobody behind the teller, while that is a member", () => {
  const [settled, { watch, says }] = [watched(), watched({ unsettled: { knownUpTo: NO_READING } })];
  const behind = () => says(at(30), settled.watch.status().agreedSet);
  watch.heard(FRIEND, behind());
  watch.heard(OTHER, says(at(60), settled.watch.status().agreedSet));
  watch.gone(OTHER, goneOf(at(60), { known: [["group", "deleted"]] }));
  watch.compared(FRIEND, behind(), { equal: true, bootId: "b" });
  assert.equal(watch.isSettled, false, "the friend may run on an older disk that has not been told yet");
  for (const one of [settled.watch, watch]) one.memberChanged({ ...member(OTHER), state: "left" });
  watch.compared(FRIEND, behind(), { equal: true, bootId: "b" });
  assert.equal(watch.isSettled, true);
});

Deno.test("HorizonWatch does not settle while the disk still has what was let go", () => {
  const { watch, disk, says } = watched({ unsettled: { knownUpTo: NO_READING }, others: [FRIEND] });
  watch.memberChanged(member(FRIEND));
  watch.isHolder(FRIEND);
  const equal = () => watch.compared(FRIEND, says(NO_READING, ""), { equal: true, bootId: "b" });
  disk.isBehind = true;
  equal();
  assert.equal(watch.isSettled, false);
  disk.isBehind = false;
  equal();
  assert.equal(watch.isSettled, true);
});

Deno.test("HorizonWatch says who the members are when that is on disk: who settles by its word counts on it", () => {
  const { watch, disk } = watched();
  const { agreedSet } = watch.status();
  disk.lastRemember = 7;
  watch.memberChanged(member(STRANGER));
  assert.equal(watch.status().agreedSet, UNKEPT_SET);
  watch.remembered(6);
  assert.equal(watch.status().agreedSet, UNKEPT_SET, "of somebody else");
  watch.remembered(7);
  assert(![UNKEPT_SET, agreedSet].includes(watch.status().agreedSet));
});

Deno.test("HorizonWatch alone lets nothing go for a day: the disk may be from before there were others", () => {
  const { watch, departures, now } = watched({ others: [] });
  departures.add({ due: at(500), kind: "group", id: "deleted" });
  now.ms = DAY_MS;
  watch.grow();
  assert.equal(departures.size, 1);
  now.ms = DAY_MS + 1_000;
  watch.grow();
  assert.equal(departures.size, 0);
});
