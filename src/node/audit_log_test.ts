import assert from "node:assert/strict";
import { memoryStore } from "../storage/mod.ts";
import { AuditRows } from "./audit_log.ts";

Deno.test("audit rows are kept in order beside the records, and removed one by one", async () => {
  await using store = memoryStore();
  await store.commit([{ key: ["record", "user", "u1"], value: new Uint8Array([1]) }]);
  const rows = new AuditRows(store);
  const all = async () => (await Array.fromAsync(rows.list())).map(({ id, text }) => `${id} ${text}`);
  await rows.add([{ id: "b", text: "zwei" }, { id: "a", text: "eins ü" }]);
  assert.deepEqual(await all(), ["a eins ü", "b zwei"]);
  await rows.remove(["a"]);
  await rows.remove([]);
  assert.deepEqual(await all(), ["b zwei"]);
  assert.ok(await store.get(["record", "user", "u1"]));
});
