import assert from "node:assert/strict";
import { silentLog } from "../../tests/fakes/silent_log.ts";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { systemEntropy } from "../base/mod.ts";
import { AUDIT_ROWS_MAX, type AuditEvent, AuditLog } from "./audit_log.ts";
import { type AuditRow, type AuditStore, memoryAuditStore } from "./audit_store.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ALL = { start: 0, itemsMax: 100 };

function bench(store: AuditStore = memoryAuditStore()) {
  const clock = new VirtualClock();
  const log = silentLog();
  const audit = new AuditLog({ store, clock, entropy: systemEntropy, log, zone: "au", retentionDays: 90 });
  const note = (details: string, more: Partial<AuditEvent> = {}) =>
    audit.record({ actor: "ann", actorType: "User", event: "Group Create", details, ...more });
  const found = async (...args: Parameters<typeof audit.find>) =>
    (await audit.find(...args)).items.map(({ details }) => details);
  return { clock, log, audit, store, note, found };
}

Deno.test("entries are found newest first, by page, with the count of all", async () => {
  const { clock, audit, note } = bench();
  for (let at = 0; at < 25; at++) {
    note(`n${at}`);
    clock.advance(1);
  }
  const { count, items } = await audit.find({}, { start: 5, itemsMax: 3 });
  assert.equal(count, 25);
  assert.deepEqual(items.map(({ details }) => details), ["n19", "n18", "n17"]);
  assert.deepEqual(Object.keys(items[0]), [
    "audit_log_id",
    "zone",
    "actor",
    "actor_type",
    "event",
    "when",
    "details",
    "properties",
  ]);
});

Deno.test("entries are found by text anywhere, actor, type, event and time", async () => {
  const { clock, note, found } = bench();
  note("first", { properties: { ip: "192.0.2.7" } });
  clock.advance(HOUR_MS);
  const laterMs = clock.wallMs();
  note("second", { actor: "operator", actorType: "System", event: "User Update" });
  assert.deepEqual(await found({ text: "192.0" }, ALL), ["first"]);
  assert.deepEqual(await found({ text: "SECOND" }, ALL), ["second"]);
  assert.deepEqual(await found({ actor: "ann" }, ALL), ["first"]);
  assert.deepEqual(await found({ actorType: "System" }, ALL), ["second"]);
  assert.deepEqual(await found({ event: "Group Create" }, ALL), ["first"]);
  assert.deepEqual(await found({ fromMs: laterMs }, ALL), ["second"]);
  assert.deepEqual(await found({ toMs: laterMs - 1 }, ALL), ["first"]);
});

Deno.test("entries older than the retention go, the others stay", async () => {
  const { clock, note, found, store } = bench();
  note("old");
  clock.advance(2 * DAY_MS);
  note("young");
  clock.advance(89 * DAY_MS);
  assert.deepEqual(await found({}, ALL), ["young"]);
  assert.equal((await Array.fromAsync(store.list())).length, 1);
});

Deno.test("no more than the bound is kept, the newest of all", async () => {
  const store = memoryAuditStore();
  const rows: AuditRow[] = Array.from({ length: AUDIT_ROWS_MAX + 10 }, (_, at) => ({
    id: `${(Date.UTC(2026, 0, 5) + at).toString(16).padStart(12, "0")}-x`,
    text: "{}",
  }));
  await store.add(rows);
  const { clock, audit } = bench(store);
  clock.advance(HOUR_MS);
  await audit.close();
  const kept = await Array.fromAsync(store.list());
  assert.equal(kept.length, AUDIT_ROWS_MAX);
  assert.equal(kept[0].id, rows[10].id);
});

Deno.test("tidying reads the whole log once, and afterwards no more than what goes", async () => {
  const rows = memoryAuditStore();
  let read = 0;
  const store: AuditStore = {
    ...rows,
    async *list() {
      for await (const row of rows.list()) {
        read++;
        yield row;
      }
    },
  };
  const { clock, note, audit } = bench(store);
  for (let count = 0; count < 1_000; count++) note("early");
  for (let hour = 0; hour < 6; hour++) clock.advance(HOUR_MS);
  await audit.close(); // After all that was begun.
  assert.ok(read >= 1_000 && read <= 1_010, `${read} rows were read`);
});

Deno.test("a disk that takes nothing fails nobody, and what waited is written when it takes something again", async () => {
  const store = memoryAuditStore();
  let full = true;
  const { audit, note, found, log, clock } = bench({
    ...store,
    add: (rows) => full ? Promise.reject(new Error("no space left")) : store.add(rows),
  });
  note("kept");
  assert.deepEqual(await found({}, ALL), []);
  assert.match(log.lines.at(-1)!.message, /Cannot write to the audit log/);
  for (let at = 0; at < 5_000; at++) note("more");
  assert.ok(log.lines.some(({ message }) => /lost entries/.test(message)));
  full = false;
  clock.advance(1_000);
  await audit.close();
  assert.equal((await audit.find({}, ALL)).count, 5_000);
});

Deno.test("rows that cannot be read are passed over, and long texts are cut", async () => {
  const store = memoryAuditStore();
  await store.add([{ id: "0", text: "{" }, { id: "1", text: "null" }, { id: "2", text: '{"audit_log_id":7}' }]);
  const { audit, note } = bench(store);
  note("x".repeat(10_000), { properties: { user_agent: "y".repeat(10_000) } });
  const { count, items } = await audit.find({}, ALL);
  assert.equal(count, 1);
  assert.ok(JSON.stringify(items[0]).length < 2_000);
});
