import assert from "node:assert/strict";
import { systemEntropy } from "../base/mod.ts";
import { memoryStore } from "../storage/mod.ts";
import { openNodeId } from "./identity.ts";
import { memberRows } from "./rows.ts";

const options = { entropy: systemEntropy, wallMs: 1_750_000_000_000 };

Deno.test("openNodeId() keeps the id of a server that stopped, and gives a new one to a server that was removed", async () => {
  const store = memoryStore();
  const id = await openNodeId(store, options);
  await store.commit(memberRows([{ id, incarnation: 3, state: "leaving" }]));
  assert.equal(await openNodeId(store, options), id);
  await store.commit(memberRows([{ id, incarnation: 4, state: "left" }]));
  const renewed = await openNodeId(store, options);
  assert.notEqual(renewed, id);
  assert.equal(await openNodeId(store, options), renewed);
});
