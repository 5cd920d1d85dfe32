import assert from "node:assert/strict";
import { apiBench } from "../../tests/fakes/api_bench.ts";
import { Permission } from "../accounts/mod.ts";

Deno.test("the audit log is listed by page and filter, in the original's names", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  for (const name of ["one", "two", "three"]) {
    bench.clock.advance(1_000);
    await bench.send("POST", "/api/groups", { as, body: { name } });
  }
  const get = async (query: string) => (await bench.send("GET", `/api/audit-logs${query}`, { as })).body;
  const details = (body: { items: Array<{ details: string }> }) => body.items.map((item) => item.details);
  const page = await get("?event=Group+Create&start=1&max-items=1");
  assert.deepEqual([page.count, details(page)], [3, ["Created group two"]]);
  assert.deepEqual([page.items[0].actor, page.items[0].actor_type, page.items[0].properties.via], [
    "root",
    "User",
    "session",
  ]);
  assert.deepEqual(details(await get("?q=THREE")), ["Created group three"]);
  const fromLast = encodeURIComponent(new Date(bench.clock.wallMs()).toISOString());
  assert.deepEqual(details(await get(`?from=${fromLast}`)), ["Created group three"]);
  assert.equal((await get("?actor=nobody")).count, 0);
  for (const query of ["from=yesterday", "start=-1", "max-items=x"]) {
    const { status, body } = await bench.send("GET", `/api/audit-logs?${query}`, { as });
    assert.deepEqual([status, Object.keys(body.fields)], [400, [query.split("=")[0]]]);
  }
});

Deno.test("the audit log is downloaded as CSV that no spreadsheet runs", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  bench.accounts.audit.record({ actor: '=1+"1"', actorType: "User", event: "Login Failed", details: "a, b" });
  const { status, headers, text } = await bench.send("GET", "/api/audit-logs/export?event=Login+Failed", { as });
  assert.equal(status, 200);
  assert.match(headers.get("content-type")!, /^text\/csv/);
  const [head, line, end] = text.split("\r\n");
  assert.equal(head, "when,zone,actor,actor_type,event,details,properties");
  assert.match(line, /^"2026-01-05T12:00:00.000Z","","'=1\+""1""","User","Login Failed","a, b","\{\}"$/);
  assert.equal(end, "");
});

Deno.test("looking at the audit log and downloading it are two permissions", async () => {
  await using bench = await apiBench();
  const role = await bench.role("lookers", [Permission.ViewAuditLogs]);
  await bench.user("ann", { roles: [role] });
  const { sessionToken: as } = await bench.signIn("ann");
  assert.equal((await bench.send("GET", "/api/audit-logs", { as })).status, 200);
  assert.equal((await bench.send("GET", "/api/audit-logs/export", { as })).status, 403);
});
