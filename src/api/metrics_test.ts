import assert from "node:assert/strict";
import { apiBench } from "../../tests/fakes/api_bench.ts";
import { memberStatus } from "../../tests/fakes/ui_bench.ts";

Deno.test("metrics tell of process, requests, records and members, and of nobody who is gone", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const [au, gb] = [memberStatus("au", { self: true }), memberStatus("gb", { state: "dead", inSync: undefined })];
  const us = memberStatus("us", { roundTripMs: 120, inSync: false, streamsBlocked: true, clockOffsetMs: -3_500 });
  bench.node.setStatus({ clustered: true, members: [au, gb, us] });
  bench.clock.advance(5_000);
  await bench.send("GET", "/api/ping", { as });
  await bench.send("BREW", "/api/ping", { as });
  const { status, headers, text } = await bench.send("GET", "/metrics", { as });
  assert.equal(status, 200);
  assert.match(headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const labels = (name: string) => `node="${name.padStart(36, "01920000-0000-7000-8000-0000000000")}"`;
  assert.match(text, /^knot_build_info\{version="1\.2\.3",zone="au",node="[^"]+"\} 1$/m);
  for (
    const line of [
      "knot_uptime_seconds 5",
      "knot_ready 1",
      'knot_records{kind="user"} 1',
      'knot_members{state="alive"} 2',
      'knot_members{state="dead"} 1',
      'knot_members_by_path{path="packets"} 0',
      'knot_members_by_path{path="streams_blocked"} 1',
      `knot_member_clock_offset_seconds{${labels("us")},zone="us",address="us.internal:3100"} -3.5`,
      'knot_http_requests_total{method="GET",status="200"} 1',
      'knot_http_requests_total{method="other",status="405"} 1',
      `knot_member_up{${labels("gb")},zone="gb",address="gb.internal:3100"} 0`,
      `knot_member_round_trip_seconds{${labels("us")},zone="us",address="us.internal:3100"} 0.12`,
      `knot_member_in_sync{${labels("us")},zone="us",address="us.internal:3100"} 0`,
    ]
  ) assert.ok(text.split("\n").includes(line), `${line}\n${text}`);
  assert.match(text, /^process_resident_memory_bytes [1-9]/m);
  assert.ok(!text.includes('state="left"'), "who left is on no list");
  assert.ok(!/^knot_member_in_sync\{[^}]*zone="gb"/m.test(text), "what a dead server holds is not known");
  bench.node.setStatus({ members: [au] });
  assert.ok(!(await bench.send("GET", "/metrics", { as })).text.includes('zone="us"'));
});

Deno.test("metrics answer only who may see the cluster", async () => {
  await using bench = await apiBench();
  await bench.user("ann");
  const { sessionToken: as } = await bench.signIn("ann");
  assert.equal((await bench.send("GET", "/metrics")).status, 401);
  assert.equal((await bench.send("GET", "/metrics", { as })).status, 403);
});

Deno.test("a disk that refuses writes is told of by /readyz and the metrics, without its path; reads go on", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  bench.node.setStatus({
    store: { kind: "refusing", reason: 'Cannot write to "/secret/knot.db"', sinceMs: 0 },
    damagedRows: 2,
    quarantinedCount: 4,
  });
  const { status, text } = await bench.send("GET", "/readyz");
  assert.equal(status, 503);
  assert.match(text, /disk refuses writes/);
  assert.ok(!text.includes("/secret"), "strangers may ask");
  const metrics = (await bench.send("GET", "/metrics", { as })).text.split("\n");
  for (
    const line of ["knot_ready 1", "knot_store_writable 0", "knot_store_damaged_rows 2", "knot_records_quarantined 4"]
  ) {
    assert.ok(metrics.includes(line), line);
  }
  assert.equal((await bench.send("GET", "/healthz")).status, 200);
  assert.equal((await bench.send("GET", "/api/groups", { as })).status, 200);
  bench.node.setStatus({ store: { kind: "writable" } });
  assert.equal((await bench.send("GET", "/readyz")).status, 200);
});
