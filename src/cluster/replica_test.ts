import assert from "node:assert/strict";
import { HybridClock, packRecord, unpackRecord, type Write } from "../records/mod.ts";
import type { RecordRow } from "./effect.ts";
import type { RecordChange, WriteOutcome } from "./outcome.ts";
import { RecordTable } from "./record_table.ts";
import { Replica } from "./replica.ts";

const NODE = "0190a000-0000-7000-8000-000000000001";
const OTHER = "0190a000-0000-7000-8000-000000000002";

/** A replica whose commits the test ends itself. */
function bench() {
  const table = new RecordTable();
  const commits: Array<{ token: number; rows: RecordRow[] }> = [];
  const outcomes = new Map<number, WriteOutcome["kind"]>();
  const stored: number[] = [];
  const changes: RecordChange[] = [];
  const logged: string[] = [];
  let wallMs = 1_000_000;
  const timers: Array<() => void> = [];
  const refused: string[] = [];
  const replica = new Replica(table, new HybridClock(NODE), {
    wallMs: () => wallMs++,
    commit: (token, rows) => commits.push({ token, rows }),
    commitPushed: (token, rows) => commits.push({ token, rows }),
    written: (token) => outcomes.set(token, "committed"),
    answered: (token, outcome) => outcomes.set(token, outcome.kind),
    stored: ({ sequence }) => stored.push(sequence!),
    after: (_delayMs, callback) => timers.push(callback),
    rewritten: () => {},
    judge: (_current, { id }) =>
      id.startsWith("gone") ? "gone" : id.startsWith("late-delete") ? "delete_anew" : "merge",
    horizon: () => "00000000000f4240",
    refused: (_from, states) => refused.push(...states.map(({ id }) => id)),
    tracked: () => {},
    dropped: () => {},
    changed: (news) => changes.push(...news),
    log: (_level, message) => logged.push(message),
  });
  /** Time passes, and what waits for it looks. */
  const passMs = (ms: number) => {
    wallMs += ms;
    for (const callback of timers.splice(0)) callback();
  };
  return { table, replica, commits, outcomes, stored, changes, logged, refused, passMs };
}

/** A group of another server, written at `ms`; without a name a tombstone. */
function foreign(id: string, ms: number, name?: string): Uint8Array {
  const stamp = new HybridClock(OTHER).now(ms);
  const none = { kind: "group", id, fields: new Map(), sets: new Map() };
  if (name === undefined) return packRecord({ ...none, deletedAt: stamp });
  const value = new Uint8Array([0x60 + name.length, ...new TextEncoder().encode(name)]);
  return packRecord({ ...none, fields: new Map([["name", { stamp, value }]]) });
}

const pushed = (...records: Uint8Array[]) =>
  ({ from: OTHER, sequence: 1, passOn: false, channel: "packet", records }) as const;

const create = (id: string, username: string): Write => ({ op: "create", kind: "user", id, fields: { username } });
const rename = (id: string, username: string): Write => ({ op: "update", kind: "user", id, fields: { username } });

Deno.test("Replica shows a write only after its commit, then answers", () => {
  const { table, replica, commits, outcomes, changes } = bench();
  replica.write(1, [create("a", "ann")], undefined);
  assert.equal(table.view("user", "a"), undefined);
  assert.equal(outcomes.size, 0);
  replica.committed(commits[0].token);
  assert.equal(table.view("user", "a")?.fields.username, "ann");
  assert.equal(outcomes.get(1), "committed");
  assert.deepEqual(changes, [{ kind: "user", id: "a", change: "changed" }]);
});

Deno.test("Replica drops a write whose commit failed, and frees its name", () => {
  const { table, replica, commits, outcomes } = bench();
  replica.write(1, [create("a", "ann")], undefined);
  replica.failed(1, "disk full");
  assert.equal(outcomes.get(1), "storage_failed");
  assert.equal(table.view("user", "a"), undefined);
  replica.write(2, [create("b", "ann")], undefined);
  replica.committed(commits[1].token);
  assert.equal(outcomes.get(2), "committed");
});

Deno.test("Replica refuses a name that a pending write takes, in any case", () => {
  const { replica, outcomes } = bench();
  replica.write(1, [create("a", "ann")], undefined);
  replica.write(2, [create("b", "Ann")], undefined);
  assert.equal(outcomes.get(2), undefined, "the first may still fail");
  replica.committed(1);
  assert.equal(outcomes.get(2), "name_taken");
});

Deno.test("Replica gives a name that a pushed change takes or sets free to a write when it knows how that has ended", () => {
  const { replica, commits, outcomes } = bench();
  const write = (token: number, name: string) =>
    replica.write(token, [{ op: "create", kind: "group", id: `own${token}`, fields: { name } }], undefined);
  replica.receive(pushed(foreign("a", 900_000, "first"), foreign("b", 900_000, "second")));
  replica.committed(commits[0].token);
  replica.receive(pushed(foreign("a", 900_100, "renamed"), foreign("b", 900_100)));
  for (const [token, name] of [[1, "renamed"], [2, "first"], [3, "second"], [4, "another"]] as const) {
    write(token, name);
  }
  assert.equal(commits.length, 3, "only the last goes on");
  replica.committed(4);
  replica.committed(commits[1].token);
  for (const { token } of commits.slice(3)) replica.committed(token);
  assert.deepEqual([1, 2, 3, 4].map((token) => outcomes.get(token)), [
    "name_taken",
    "committed",
    "committed",
    "committed",
  ]);
});

Deno.test("Replica judges a write by what is left when a pushed change of its name has failed", () => {
  const { replica, commits, outcomes } = bench();
  replica.receive(pushed(foreign("a", 900_000, "ours")));
  replica.write(1, [{ op: "create", kind: "group", id: "own", fields: { name: "ours" } }], undefined);
  replica.failed(commits[0].token, "disk full");
  replica.committed(1);
  assert.equal(outcomes.get(1), "committed");
});

Deno.test("Replica lets a record keep its own name, and refuses one that another record owns", () => {
  const { replica, commits, outcomes } = bench();
  for (const [token, id, name] of [[1, "a", "ann"], [2, "b", "bob"]] as const) {
    replica.write(token, [create(id, name)], undefined);
    replica.committed(commits.at(-1)!.token);
  }
  replica.write(3, [rename("a", "ANN")], undefined);
  replica.committed(commits.at(-1)!.token);
  replica.write(4, [rename("a", "bob")], undefined);
  assert.deepEqual([outcomes.get(3), outcomes.get(4)], ["committed", "name_taken"]);
});

Deno.test("Replica builds nothing upon a pending change: a second write waits, and sees how the first ended", () => {
  const { table, replica, commits, outcomes } = bench();
  replica.write(1, [create("a", "ann")], undefined);
  replica.write(2, [rename("a", "anna")], undefined);
  replica.write(3, [rename("a", "annika")], undefined);
  assert.equal(commits.length, 1);
  replica.failed(1, "disk full");
  assert.deepEqual([outcomes.get(1), outcomes.get(2), outcomes.get(3)], ["storage_failed", "not_found", "not_found"]);
  replica.write(4, [create("a", "ann")], undefined);
  replica.write(5, [rename("a", "anna")], undefined);
  replica.write(6, [rename("a", "annika")], undefined);
  for (const at of [1, 2, 3]) replica.committed(commits[at].token);
  assert.equal(table.view("user", "a")?.fields.username, "annika");
});

Deno.test("Replica makes a write of a version only while the record is at that one, whatever is pending", () => {
  const { table, replica, commits, outcomes } = bench();
  replica.write(1, [create("a", "ann")], undefined);
  replica.committed(1);
  const { version } = table.view("user", "a")!;
  const edit = (email: string): Write => ({ op: "update", kind: "user", id: "a", fields: { email }, version });
  replica.write(2, [edit("ann@here")], undefined);
  replica.write(3, [edit("ann@there")], undefined);
  replica.committed(2);
  assert.deepEqual([outcomes.get(2), outcomes.get(3), commits.length], ["committed", "changed", 2]);
  assert.equal(table.view("user", "a")!.fields.email, "ann@here");
  replica.write(4, [{ op: "delete", kind: "user", id: "a" }], undefined);
  replica.write(5, [edit("ann@there")], undefined);
  replica.committed(4);
  assert.equal(outcomes.get(5), "not_found");
});

Deno.test("Replica commits all of several writes or none", () => {
  const { replica, commits, outcomes } = bench();
  replica.write(1, [create("a", "ann"), create("b", "ann")], undefined);
  assert.equal(outcomes.get(1), "name_taken");
  assert.equal(commits.length, 0);
});

Deno.test("Replica acknowledges another server's records after their commit, and at once what it knows already", () => {
  const { table, replica, commits, stored } = bench();
  const value = new Uint8Array([0x61, 0x78]);
  const stamp = new HybridClock(OTHER).now(1_000_000);
  const packed = packRecord({ kind: "group", id: "g", fields: new Map([["name", { stamp, value }]]), sets: new Map() });
  replica.receive({ from: OTHER, sequence: 7, passOn: false, channel: "packet", records: [packed] });
  assert.deepEqual(stored, []);
  replica.committed(commits[0].token);
  assert.deepEqual(stored, [7]);
  assert.equal(table.view("group", "g")?.fields.name, "x");
  replica.receive({ from: OTHER, sequence: 8, passOn: false, channel: "packet", records: [packed] });
  assert.deepEqual(stored, [7, 8]);
  assert.equal(commits.length, 1);
});

Deno.test("Replica drops malformed records, sets records of the future aside, and keeps the others", () => {
  const { table, replica, commits, stored, logged } = bench();
  const value = new Uint8Array([0x61, 0x78]);
  const record = (id: string, wallMs: number) =>
    packRecord({
      kind: "group",
      id,
      fields: new Map([["name", { stamp: new HybridClock(OTHER).now(wallMs), value }]]),
      sets: new Map(),
    });
  replica.receive({
    from: OTHER,
    sequence: 1,
    passOn: false,
    channel: "packet",
    records: [new Uint8Array([1, 2, 3]), record("late", 99_000_000), record("good", 1_000_000)],
  });
  replica.committed(commits[0].token);
  assert.equal(table.size, 2);
  assert.equal(table.count("group"), 1);
  assert.equal(table.view("group", "late"), undefined);
  assert.equal(logged.length, 2);
  assert.deepEqual(stored, [], "what is not stored is not acknowledged");
});

Deno.test("Replica stamps a write later than what it overwrites, though the other server's clock is ahead", () => {
  const { table, replica, commits } = bench();
  const clock = new HybridClock(OTHER);
  const value = new Uint8Array([0x61, 0x78]);
  const stamp = clock.now(1_030_000);
  replica.receive({
    from: OTHER,
    sequence: 1,
    passOn: false,
    channel: "packet",
    records: [packRecord({ kind: "group", id: "g", fields: new Map([["name", { stamp, value }]]), sets: new Map() })],
  });
  replica.committed(commits[0].token);
  replica.write(1, [{ op: "update", kind: "group", id: "g", fields: { name: "ours" } }], undefined);
  replica.committed(commits[1].token);
  assert.equal(table.view("group", "g")?.fields.name, "ours");
});

Deno.test("Replica splits a large delivery into commits that the store takes, and acknowledges after the last", () => {
  const { table, replica, commits, stored } = bench();
  const stamp = new HybridClock(OTHER).now(1_000_000);
  const value = new Uint8Array([0x61, 0x78]);
  const records = Array.from(
    { length: 1_000 },
    (_, i) =>
      packRecord({ kind: "group", id: `g${i}`, fields: new Map([["name", { stamp, value }]]), sets: new Map() }),
  );
  replica.receive({ from: OTHER, sequence: 5, passOn: false, channel: "packet", records });
  assert.deepEqual(commits.map(({ rows }) => rows.length), [400, 400, 200]);
  replica.committed(commits[0].token);
  replica.committed(commits[1].token);
  assert.deepEqual(stored, []);
  replica.committed(commits[2].token);
  assert.deepEqual(stored, [5]);
  assert.equal(table.size, 1_000);
});

Deno.test("Replica does not acknowledge a delivery of which a part was lost", () => {
  const { replica, commits, stored } = bench();
  const stamp = new HybridClock(OTHER).now(1_000_000);
  const value = new Uint8Array([0x61, 0x78]);
  const records = Array.from(
    { length: 500 },
    (_, i) =>
      packRecord({ kind: "group", id: `g${i}`, fields: new Map([["name", { stamp, value }]]), sets: new Map() }),
  );
  replica.receive({ from: OTHER, sequence: 5, passOn: false, channel: "packet", records });
  replica.failed(commits[0].token, "disk full");
  replica.committed(commits[1].token);
  assert.deepEqual(stored, []);
});

Deno.test("Replica shows the old version while the new one waits for its time, then the new one", () => {
  const { table, replica, commits, stored, passMs } = bench();
  replica.receive(pushed(foreign("g", 900_000, "old")));
  replica.committed(commits[0].token);
  replica.receive(pushed(foreign("g", 1_300_000, "new")));
  assert.deepEqual(commits[1].rows.map(({ isAside }) => isAside), [undefined, true]);
  replica.committed(commits[1].token);
  assert.deepEqual(stored, [1, 1], "it is on disk");
  assert.equal(replica.quarantined, 1);
  assert.equal(table.view("group", "g")?.fields.name, "old");
  assert.equal(table.owner("group", "name", "new"), undefined);
  passMs(100_000);
  assert.equal(commits.length, 2, "time has not caught up");
  passMs(150_000);
  replica.committed(commits[2].token);
  assert.deepEqual(commits[2].rows.map(({ packed }) => packed === undefined), [false, true]);
  assert.equal(table.view("group", "g")?.fields.name, "new");
  assert.equal(replica.quarantined, 0);
});

Deno.test("Replica shows an edit of today on a record of which a version waits, and keeps both", () => {
  const { table, replica, commits, outcomes } = bench();
  replica.receive(pushed(foreign("g", 900_000, "old")));
  replica.committed(commits[0].token);
  replica.receive(pushed(foreign("g", 1_300_000, "new")));
  replica.committed(commits[1].token);
  const before = table.version("group", "g");
  replica.write(1, [{ op: "update", kind: "group", id: "g", fields: { value: "1" } }], undefined);
  replica.committed(1);
  assert.equal(outcomes.get(1), "committed");
  assert.deepEqual(table.view("group", "g")?.fields, { name: "old", value: "1" });
  assert.notEqual(table.version("group", "g"), before);
  assert.equal(replica.quarantined, 1);
});

Deno.test("Replica deletes at once what is deleted today, whatever waits for its time", () => {
  const { table, replica, commits } = bench();
  replica.receive(pushed(foreign("g", 1_300_000, "new"), foreign("g", 900_000)));
  replica.committed(commits[0].token);
  assert.equal(table.view("group", "g"), undefined);
  assert.equal(replica.quarantined, 0);
});

Deno.test("Replica remembers over a restart what waits for its time", () => {
  const { table, replica, passMs, commits } = bench();
  const packed = foreign("g", 1_300_000, "new");
  replica.remember(unpackRecord(packed), packed);
  assert.equal(table.size, 1);
  assert.equal(table.view("group", "g"), undefined);
  passMs(250_000);
  replica.committed(commits[0].token);
  assert.equal(table.view("group", "g")?.fields.name, "new");
});

Deno.test("Replica refuses what is gone, tells the sender, and does not acknowledge it", () => {
  const { table, replica, commits, stored, refused } = bench();
  replica.receive(pushed(foreign("gone1", 900_000, "x"), foreign("g", 900_000, "y")));
  replica.committed(commits[0].token);
  assert.deepEqual(refused, ["gone1"]);
  assert.deepEqual(stored, []);
  assert.equal(table.size, 1);
});

Deno.test("Replica gives a deletion that came too late a stamp of its own", () => {
  const { table, replica, commits } = bench();
  replica.write(1, [create("late-delete", "ann")], undefined);
  replica.committed(1);
  const born = table.state("user", "late-delete")!.fields.get("username")!.stamp;
  const packed = packRecord({
    ...{ kind: "user", id: "late-delete", fields: new Map(), sets: new Map() },
    deletedAt: new HybridClock(OTHER).now(5),
  });
  replica.receive(pushed(packed));
  replica.committed(commits[1].token);
  assert(table.state("user", "late-delete")!.deletedAt! > born);
});

Deno.test("Replica drops records as if they had never been, and lets nobody touch them meanwhile", () => {
  const { table, replica, commits, outcomes } = bench();
  replica.write(1, [create("a", "ann")], undefined);
  replica.committed(1);
  replica.drop([["user", "a"]]);
  assert.deepEqual(commits[1].rows, [{ kind: "user", id: "a", packed: undefined }]);
  assert.equal(table.size, 0);
  replica.write(2, [create("a", "ann")], undefined);
  assert.equal(commits.length, 2);
  replica.failed(commits[1].token, "disk full");
  replica.committed(2);
  assert.equal(outcomes.get(2), "committed");
  assert.equal(replica.isDoneBefore(replica.nextJob), true);
});
