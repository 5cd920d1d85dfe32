import assert from "node:assert/strict";
import { seededRandom, silentLogger, systemClock, systemEntropy } from "../base/mod.ts";
import { faultyStore, memoryStore, type RecordStore, type StoreFaults } from "../storage/mod.ts";
import { ClusterNode } from "./node.ts";

const NODE_ID = "0190a000-0000-7000-8000-000000000001";

/** A server on its own, on `store`. */
async function started(store: RecordStore): Promise<ClusterNode> {
  const node = await ClusterNode.open({
    nodeId: NODE_ID,
    bootId: "00112233445566aa",
    facts: { address: "", zone: "au", hostname: "h", version: "0", apiEndpoint: "", protocolMin: 1, protocolMax: 1 },
    store,
    clock: systemClock,
    random: seededRandom(1),
    entropy: systemEntropy,
    log: silentLogger,
  });
  await node.start();
  return node;
}

Deno.test("ClusterNode on its own offers setup at once, and takes no writes before it", async () => {
  const node = await started(memoryStore());
  assert.equal(node.status().readiness.kind, "setup_needed");
  const outcome = await node.write([{ op: "create", kind: "group", id: "a", fields: { name: "x" } }]);
  assert.equal(outcome.kind, "unavailable");
  await node.stop();
});

Deno.test("ClusterNode keeps everything over a restart", async () => {
  const store = memoryStore();
  const first = await started(store);
  assert.equal(
    (await first.setUp([{ op: "create", kind: "user", id: "u", fields: { username: "ann" } }])).kind,
    "committed",
  );
  await first.write([{ op: "create", kind: "group", id: "g", fields: { name: "x" } }]);
  await first.write([{ op: "delete", kind: "group", id: "g" }]);
  const { lineage } = first.status();
  await first.stop();

  const second = await started(memoryStore(store.rows()));
  assert.equal(second.status().lineage, lineage);
  assert.equal(second.status().readiness.kind, "ready");
  assert.equal(second.findByName("user", "username", "ANN")?.id, "u");
  assert.equal(second.get("group", "g"), undefined);
  assert.equal(second.status().recordCount, 2, "alone, a server keeps its tombstones for a day");
  assert.equal((await second.setUp([])).kind, "unavailable");
  await second.stop();
});

Deno.test("ClusterNode answers storage_failed when the disk is full, and goes on reading", async () => {
  const faults: StoreFaults = { commitsToFail: 0 };
  const node = await started(faultyStore(memoryStore(), faults));
  await node.setUp([{ op: "create", kind: "user", id: "u", fields: { username: "ann" } }]);
  faults.commitsToFail = 1;
  const outcome = await node.write([{ op: "create", kind: "group", id: "g", fields: { name: "x" } }]);
  assert.equal(outcome.kind, "storage_failed");
  assert.equal(node.get("user", "u")?.fields.username, "ann");
  assert.equal((await node.write([{ op: "create", kind: "group", id: "g", fields: { name: "x" } }])).kind, "committed");
  await node.stop();
});

Deno.test("ClusterNode answers every write that was made before it stopped", async () => {
  const node = await started(memoryStore());
  await node.setUp([{ op: "create", kind: "user", id: "u", fields: { username: "ann" } }]);
  const writes = Array.from(
    { length: 50 },
    (_, i) => node.write([{ op: "create", kind: "group", id: `g${i}`, fields: { name: `x${i}` } }]),
  );
  await node.stop();
  const kinds = new Set((await Promise.all(writes)).map(({ kind }) => kind));
  assert.deepEqual([...kinds], ["committed"]);
  assert.equal((await node.write([])).kind, "unavailable");
});
