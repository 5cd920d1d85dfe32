import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { systemEntropy } from "../base/mod.ts";
import { faultyStore } from "./faulty_store.ts";
import { openIdentity } from "./identity.ts";
import { memoryStore } from "./memory_store.ts";
import { StoreError } from "./store.ts";

const wallMs = Date.UTC(2026, 10, 22);
const options = { entropy: systemEntropy, wallMs };

Deno.test("openIdentity() makes a UUIDv7 of this moment once, and counts the starts", async () => {
  await using store = memoryStore();
  const first = await openIdentity(store, options);
  match(first.nodeId, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  strictEqual(parseInt(first.nodeId.replaceAll("-", "").slice(0, 12), 16), wallMs);
  strictEqual(first.bootCount, 1);
  deepStrictEqual(await openIdentity(store, options), { nodeId: first.nodeId, bootCount: 2 });
});

Deno.test("openIdentity() tells two folders apart", async () => {
  await using one = memoryStore(), other = memoryStore();
  const { nodeId } = await openIdentity(one, options);
  strictEqual(nodeId === (await openIdentity(other, options)).nodeId, false);
});

Deno.test("openIdentity() makes no identity that is not on disk", async () => {
  await using store = memoryStore();
  await rejects(openIdentity(faultyStore(store, { commitsToFail: 1 }), options), StoreError);
  strictEqual((await openIdentity(store, options)).bootCount, 1);
});

Deno.test("openIdentity() knows who the server is on a full disk, too", async () => {
  await using store = memoryStore();
  const { nodeId } = await openIdentity(store, options);
  const full = await openIdentity(faultyStore(store, { commitsToFail: 1 }), options);
  deepStrictEqual(full, { nodeId, bootCount: 2 });
  strictEqual((await openIdentity(store, options)).bootCount, 2, "that start was not counted");
});

Deno.test("openIdentity() refuses a damaged identity", async () => {
  for (const [row, text] of [["node-id", "not an id"], ["boot-count", "many"], ["boot-count", "-3"]]) {
    await using store = memoryStore([{ key: ["meta", row], value: new TextEncoder().encode(text) }]);
    await rejects(openIdentity(store, options), /is damaged/);
  }
});
