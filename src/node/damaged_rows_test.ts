import assert from "node:assert/strict";
import { silentLogger } from "../base/mod.ts";
import { encodeValue, formatStamp, packRecord } from "../records/mod.ts";
import { faultyStore, type MemoryStore, memoryStore, type RowKey, StoreError } from "../storage/mod.ts";
import { checkDatabase } from "./check_database.ts";
import { setDamagedAside } from "./damaged_rows.ts";
import { commitRows, memberRows, readRemembered } from "./rows.ts";

const STAMP = formatStamp({ ms: 1, counter: 0, node: "a".repeat(32) });

function packed(id: string): Uint8Array {
  const fields = new Map([["name", { stamp: STAMP, value: encodeValue(id) }]]);
  return packRecord({ kind: "group", id, fields, sets: new Map() });
}

/** Two good rows, and one each that is garbage, half a member, and another record's. */
async function damagedStore(): Promise<MemoryStore> {
  const store = memoryStore();
  const rows = [{ kind: "group", id: "good", packed: packed("good") }, {
    kind: "group",
    id: "swapped",
    packed: packed("other"),
  }, {
    kind: "group",
    id: "garbage",
    packed: Uint8Array.of(1, 2, 3),
  }];
  await store.commit(commitRows({ rows, floor: STAMP, lineage: "L" }));
  await store.commit(memberRows([{ id: "m1", incarnation: 1, state: "alive" }]));
  await store.commit([{ key: ["member", "m2"], value: new TextEncoder().encode('{"id":"m2"}') }]);
  return store;
}

const keysOf = (store: MemoryStore, table: string) =>
  store.rows().map(({ key }) => key).filter((key: RowKey) => key[0] === table).map((key) => key.slice(1).join("/"));

Deno.test("setDamagedAside() moves what cannot be read, and the rest is remembered", async () => {
  const store = await damagedStore();
  const read = await readRemembered(store);
  assert.deepEqual([read.records.table.size, read.members.length, read.damaged.length], [1, 1, 3]);
  const lines: string[] = [];
  const log = {
    ...silentLogger,
    error: (_: string, fields?: Readonly<Record<string, unknown>>) => lines.push(String(fields?.row)),
  };
  const remembered = await setDamagedAside({ store, remembered: read, clustered: true, log });
  assert.deepEqual(keysOf(store, "record"), ["group/good"]);
  assert.deepEqual(keysOf(store, "damaged"), ["member/m2", "record/group/garbage", "record/group/swapped"]);
  assert.deepEqual(lines.slice(0, 3), ["record/group/garbage", "record/group/swapped", "member/m2"]);
  // Others must not take what is missing here for deleted, after another start neither.
  assert.equal(remembered.copying, true);
  assert.equal((await readRemembered(store)).copying, true);
});

Deno.test("setDamagedAside() starts no server whose file is damaged beyond single rows, and moves nothing there", async () => {
  const store = await damagedStore();
  const torn = Object.assign(faultyStore(store, { commitsToFail: 0 }), {
    refuseFaults: () => {
      throw new StoreError("the file is torn");
    },
  });
  const remembered = await readRemembered(torn);
  const aside = setDamagedAside({ store: torn, remembered, clustered: true, log: silentLogger });
  await assert.rejects(aside, new StoreError("the file is torn"));
  assert.deepEqual(keysOf(store, "damaged"), []);
});

Deno.test("setDamagedAside() lets a server on its own serve at once, and works on a full disk", async () => {
  const store = await damagedStore();
  const full = faultyStore(store, { commitsToFail: 10 });
  const remembered = await readRemembered(full);
  const after = await setDamagedAside({ store: full, remembered, clustered: false, log: silentLogger });
  assert.equal(after.copying, false);
  assert.equal(after.records.table.size, 1);
  assert.equal(keysOf(store, "damaged").length, 0);
});

Deno.test("checkDatabase() counts every row by kind, and names those that hold something else", async () => {
  const store = await damagedStore();
  await store.commit([
    { key: ["audit", "a1"], value: new TextEncoder().encode("{}") },
    { key: ["audit", "a2"], value: new TextEncoder().encode("{") },
    { key: ["tomorrow", "x"], value: Uint8Array.of(1) },
  ]);
  const { rows, counts, problemCount, problems } = await checkDatabase(store);
  assert.equal(rows, 10);
  assert.deepEqual(counts, { "audit entry": 1, group: 1, member: 1, setting: 2, tomorrow: 1 });
  assert.equal(problemCount, 4);
  assert.deepEqual(problems.map(({ row }) => row), [
    "audit/a2",
    "member/m2",
    "record/group/garbage",
    "record/group/swapped",
  ]);
});
