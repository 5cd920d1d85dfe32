import assert from "node:assert/strict";
import { Permission } from "../../accounts/mod.ts";
import { uiBench } from "../../../tests/fakes/ui_bench.ts";

Deno.test("the audit log shows who did what, by filter and page", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  for (let at = 0; at < 60; at++) {
    await bench.group(`g${at}`);
    bench.clock.advance(1_000);
  }
  const first = await (await root.get("/audit-log?event=Group+Create")).text();
  assert.match(first, /60 entries/);
  assert.ok(first.includes("Created group g59") && !first.includes("Created group g9<"));
  assert.match(first, /href="\/audit-log\?event=Group\+Create&amp;page=2">Older/);
  assert.match(await (await root.get("/audit-log?event=Group+Create&page=2")).text(), /Created group g9</);
  assert.match(await (await root.get("/audit-log?q=g33")).text(), /1 entry/);
  assert.match(await (await root.get("/audit-log?from=2027-01-01")).text(), /Nothing matches/);
  assert.match(await (await root.get("/audit-log?from=x&to=2026-01-05&page=-3")).text(), /Created group g59/);
  assert.match(first, /href="\/api\/audit-logs\/export\?event=Group\+Create"/);
});

Deno.test("what others typed is text in the audit log, and downloading needs its permission", async () => {
  await using bench = await uiBench();
  const role = await bench.role("lookers", [Permission.ViewAuditLogs]);
  await bench.user("ann", { roles: [role] });
  bench.accounts.audit.record({ actor: "<b>", actorType: "User", event: "Login Failed", details: "<script>" });
  const html = await (await (await bench.visitor("ann")).get("/audit-log")).text();
  assert.ok(html.includes("&lt;script&gt;") && !html.includes("<b>"));
  assert.ok(!html.includes("audit-logs/export"));
});
