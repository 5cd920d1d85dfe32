import assert from "node:assert/strict";
import { memberStatus, uiBench } from "../../../tests/fakes/ui_bench.ts";

const [au, gb, us] = [memberStatus("au", { self: true }), memberStatus("gb"), memberStatus("us")];
const alive = (id: string, more = {}) => ({
  id,
  state: "alive",
  path: "packets",
  roundTripMs: 1.25,
  silentMs: 9,
  ...more,
});

async function matrixOf(opinions: Map<string, unknown>): Promise<string> {
  await using bench = await uiBench();
  bench.node.setStatus({ clustered: true, members: [au, gb, us] });
  bench.node.opinions = () => Promise.resolve(opinions as never);
  const answer = await (await bench.visitor("root")).get("/cluster-info/opinions");
  assert.equal(answer.status, 200);
  return await answer.text();
}

Deno.test("a link that works in one direction only is a sentence and a cell of the matrix", async () => {
  const html = await matrixOf(
    new Map([
      [au.id, [alive(gb.id), alive(us.id, { path: "relayed" })]],
      [gb.id, [{ id: au.id, state: "suspect" }, alive(us.id, { path: "stream", roundTripMs: 120.4 })]],
    ]),
  );
  assert.match(html, /au hears gb, but gb does not hear au\./);
  assert.match(html, /title="gb sees au: suspect"><span class="state warn">/);
  assert.match(html, /title="au sees us: through others"><span class="state warn">/);
  assert.match(html, /title="gb sees us: TCP, 120 ms"><span class="state good">/);
  assert.match(html, /title="us sees gb: no answer"><span class="state off">/);
  assert.match(html, /<th scope="row">au/);
});

Deno.test("where all agree nothing is complained of, also about a server that all call dead", async () => {
  const dead = { id: us.id, state: "dead" };
  const html = await matrixOf(new Map([[au.id, [alive(gb.id), dead]], [gb.id, [alive(au.id), dead]]]));
  assert.ok(!html.includes("one direction only"));
  assert.match(html, /title="au sees us: dead"><span class="state bad">/);
});

Deno.test("Cluster Info says how each server is reached, and nothing of what the dead hold", async () => {
  await using bench = await uiBench();
  const members = [
    au,
    memberStatus("gb", { relayed: true }),
    memberStatus("us", { packetsBlocked: true }),
    memberStatus("de", { streamsBlocked: true, problem: "cannot be connected to: <it> refused" }),
    memberStatus("nz", { state: "dead", inSync: undefined }),
  ];
  bench.node.setStatus({ clustered: true, members });
  const html = await (await (await bench.visitor("root")).get("/cluster-info")).text();
  const row = (name: string) => new RegExp(`data-name="knot-${name}"[\\s\\S]*?</tr>`).exec(html)![0];
  assert.match(row("gb"), /gb\.internal:3100\s*<div class="small quiet">through others</);
  assert.match(row("us"), /us\.internal:3100\s*<div class="small quiet">TCP only</);
  assert.match(row("de"), />UDP only</);
  assert.match(row("de"), /In sync<.*Cannot be connected to: &lt;it&gt; refused/);
  assert.match(row("nz"), /data-label="Started"><span class="quiet">–</);
  assert.match(row("nz"), /data-label="Sync"><div><span class="state off">Unknown</);
  assert.match(html, /href="\/cluster-info\/opinions"/);
});
