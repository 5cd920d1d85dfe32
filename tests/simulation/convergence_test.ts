import assert from "node:assert/strict";
import { allEqual, allSeeEachOther } from "./checks.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import { settledCluster } from "./settled_cluster.ts";
import { Simulation } from "./simulation.ts";

async function write(simulation: Simulation, { node }: SimulatedServer, name: string): Promise<string> {
  const id = simulation.id();
  const outcome = await simulation.finish(
    node!.write([{ op: "create", kind: "template_variable", id, fields: { name, value: "1" } }]),
  );
  assert.equal(outcome.kind, "committed", JSON.stringify(outcome));
  return id;
}

async function writeMany(simulation: Simulation, { node }: SimulatedServer, count: number, value = "1"): Promise<void> {
  const writes = Array.from({ length: count }, (_, i) =>
    node!.write([{
      op: "create",
      kind: "template_variable",
      id: simulation.id(),
      fields: { name: `v${i}`, value },
    }]));
  await simulation.finish(Promise.all(writes));
}

for (const websocket of [false, true]) {
  const mode = websocket ? "over websockets" : "over UDP and TCP";

  Deno.test(`simulated cluster ${mode}: a write at any server is soon at all`, async () => {
    const { simulation, servers } = await settledCluster({ seed: 1, count: 5, websocket });
    for (const [index, server] of servers.entries()) {
      const id = await write(simulation, server, `variable${index}`);
      const tookMs = await simulation.until(
        `variable ${index} everywhere`,
        () => servers.every(({ node }) => node!.get("template_variable", id) !== undefined),
      );
      assert(tookMs <= 50, `took ${tookMs} ms on 10 ms links`);
    }
    await simulation.end();
  });

  Deno.test(`simulated cluster ${mode}: a server that was down catches up`, async () => {
    const { simulation, servers } = await settledCluster({ seed: 2, count: 3, websocket });
    simulation.crash(servers[2]);
    for (let i = 0; i < 200; i++) await write(simulation, servers[i % 2], `variable${i}`);
    await simulation.start(servers[2]);
    await simulation.until("the third has all", () => servers[2].node!.count("template_variable") === 200, 3_000);
    await simulation.until("all equal", () => allEqual(servers));
    await simulation.end();
  });

  Deno.test(`simulated cluster ${mode}: a new server asks for the records as soon as it knows whose they are`, async () => {
    const { simulation, servers } = await settledCluster({ seed: 4, count: 3, websocket });
    await write(simulation, servers[0], "first");
    const joining = simulation.add({ peers: [servers[1].address] });
    await simulation.start(joining);
    const tookMs = await simulation.until("it has the record", () => joining.node!.count("template_variable") === 1);
    assert(tookMs <= 300, `took ${tookMs} ms on 10 ms links`);
    await simulation.end();
  });

  Deno.test(`simulated cluster ${mode}: both sides of a partition serve, and agree afterwards`, async () => {
    const { simulation, servers } = await settledCluster({ seed: 3, count: 4, websocket });
    const addresses = servers.map(({ address }) => address);
    simulation.network.partition(addresses.slice(0, 2), addresses.slice(2));
    await simulation.clock.run(30_000);
    for (let i = 0; i < 40; i++) await write(simulation, servers[i % 4], `variable${i}`);
    assert(!allEqual(servers));
    simulation.network.heal();
    await simulation.until("all equal", () => allEqual(servers));
    await simulation.until("all see each other", () => allSeeEachOther(servers));
    assert.equal(servers[0].node!.count("template_variable"), 40);
    await simulation.end();
  });
}

Deno.test("simulated cluster: a new server gets all records where no datagram passes", async () => {
  const { simulation, servers } = await settledCluster({ seed: 5, count: 2 });
  await writeMany(simulation, servers[0], 600);
  const before = simulation.network.fate;
  simulation.network.fate = (from, to, channel, bytes) =>
    channel === "packet" ? { delaysMs: [] } : before(from, to, channel, bytes);
  const joining = simulation.add({ peers: [servers[1].address] });
  await simulation.start(joining);
  await simulation.until("it has all", () => joining.node!.count("template_variable") === 600, 20_000);
  await simulation.until("it is ready", () => joining.node!.status().readiness.kind === "ready", 5_000);
  await simulation.end();
});

Deno.test("simulated cluster: a server that was killed during its first copy is ready when it has all, not before", async () => {
  const { simulation, servers } = await settledCluster({ seed: 13, count: 2 });
  await writeMany(simulation, servers[0], 60, "x".repeat(100_000));
  const joining = simulation.add({ peers: [servers[1].address] });
  await simulation.start(joining);
  const held = () => joining.node!.count("template_variable");
  await simulation.until("it has some", () => held() >= 5, 20_000);
  simulation.crash(joining, "process", { synced: joining.store.unsyncedCount });
  await simulation.start(joining);
  assert(held() >= 5 && held() < 60, `it was killed with ${held()}`);
  await simulation.until("it is ready", () => joining.node!.status().readiness.kind === "ready", 20_000);
  assert.equal(held(), 60);
  await simulation.end();
});

Deno.test("simulated cluster: a server that missed more than one commit of the store holds catches up", async () => {
  const { simulation, servers } = await settledCluster({ seed: 11, count: 2 });
  simulation.crash(servers[1]);
  await writeMany(simulation, servers[0], 2_500);
  await simulation.start(servers[1]);
  await simulation.until("the second has all", () => servers[1].node!.count("template_variable") === 2_500, 5_000);
  await simulation.end();
});

Deno.test("simulated cluster: converges at 20 % loss", async () => {
  const { simulation, servers } = await settledCluster({ seed: 4, count: 5, loss: 0.2 });
  for (let i = 0; i < 50; i++) await write(simulation, servers[i % 5], `variable${i}`);
  await simulation.until("all equal", () => allEqual(servers) && servers[0].node!.count("template_variable") === 50);
  await simulation.end();
});

Deno.test("simulated cluster: edits of different fields made at the same moment both survive", async () => {
  const { simulation, servers } = await settledCluster({ seed: 5, count: 3 });
  const id = await write(simulation, servers[0], "shared");
  await simulation.until("everywhere", () => servers.every(({ node }) => node!.get("template_variable", id)));
  const outcomes = await simulation.finish(Promise.all([
    servers[0].node!.write([{ op: "update", kind: "template_variable", id, fields: { value: "changed" } }]),
    servers[1].node!.write([{ op: "update", kind: "template_variable", id, sets: { zones: ["au"] } }]),
  ]));
  assert.deepEqual(outcomes.map(({ kind }) => kind), ["committed", "committed"]);
  await simulation.until("all equal", () => allEqual(servers));
  const view = servers[2].node!.get("template_variable", id)!;
  assert.equal(view.fields.value, "changed");
  assert.deepEqual(view.sets.zones, ["au"]);
  await simulation.end();
});

Deno.test("simulated cluster: a dead machine is declared dead, and found again when it is back", async () => {
  const { simulation, servers } = await settledCluster({ seed: 6, count: 5 });
  simulation.crash(servers[4], "machine");
  const stateAt = (index: number) =>
    servers[index].node!.status().members.find(({ id }) => id === servers[4].nodeId)?.state;
  await simulation.until("dead everywhere", () => [0, 1, 2, 3].every((index) => stateAt(index) === "dead"), 20_000);
  await simulation.start(servers[4]);
  await simulation.until("alive everywhere", () => allSeeEachOther(servers), 5_000);
  await simulation.end();
});

Deno.test("simulated cluster: after a split all have everything three round trips after the first packet", async () => {
  const { simulation, servers } = await settledCluster({ seed: 11, count: 5 });
  const [few, many] = [servers.slice(0, 2), servers.slice(2)];
  for (const one of few) for (const other of many) simulation.network.sever(one.address, other.address);
  await simulation.clock.run(30_000);
  for (let at = 0; at < 10; at++) await write(simulation, servers[at % 5], `variable${at}`);
  await simulation.clock.run(10_000);
  const sideOf = (nodeId: string) => few.some((server) => server.nodeId === nodeId);
  let firstMs: number | undefined;
  simulation.onMessage((server, way, _message, { peer }) => {
    if (way !== "received" || sideOf(peer) === sideOf(server.nodeId)) return;
    firstMs ??= simulation.clock.monotonicMs() - 10;
  });
  simulation.network.heal();
  await simulation.until("all equal", () => allEqual(servers), 30_000, { lookMs: 1 });
  const tookMs = simulation.clock.monotonicMs() - firstMs!;
  assert(tookMs <= 60, `took ${tookMs} ms on links of 10 ms`);
  await simulation.end();
});

Deno.test("simulated cluster: a server that stops is shown as leaving, not dead", async () => {
  const { simulation, servers } = await settledCluster({ seed: 7, count: 4 });
  await simulation.stop(servers[3]);
  await simulation.clock.run(30_000);
  for (const index of [0, 1, 2]) {
    const seen = servers[index].node!.status().members.find(({ id }) => id === servers[3].nodeId);
    assert.equal(seen?.state, "leaving");
  }
  await simulation.end();
});

Deno.test("simulated cluster: the same seed gives the same run", async () => {
  const traces: string[] = [];
  for (let run = 0; run < 2; run++) {
    const { simulation, servers } = await settledCluster({ seed: 8, count: 3, loss: 0.1 });
    for (let i = 0; i < 10; i++) await write(simulation, servers[i % 3], `variable${i}`);
    await simulation.clock.run(5_000);
    traces.push(simulation.log.tail());
    await simulation.end();
  }
  assert(traces[0].length > 0);
  assert.equal(traces[0], traces[1]);
});

Deno.test("simulated cluster: two populated data sets do not mix, and both sides say so", async () => {
  const simulation = new Simulation({ seed: 9 });
  const one = simulation.add({ peers: [] });
  const other = simulation.add({ peers: [one.address] });
  for (const server of [one, other]) {
    await simulation.start(server);
    if (server === other) simulation.network.sever(one.address, other.address);
    await simulation.until("setup", () => server.node!.status().readiness.kind === "setup_needed");
    const outcome = await simulation.finish(
      server.node!.setUp([{ op: "create", kind: "user", id: simulation.id(), fields: { username: "admin" } }]),
    );
    assert.equal(outcome.kind, "committed");
    simulation.network.sever(one.address, other.address);
  }
  simulation.network.heal();
  const problem = ({ node }: SimulatedServer) => node!.status().members.find(({ self }) => !self)?.problem;
  await simulation.until("both say so", () => [one, other].every((server) => problem(server) === "other data set"));
  for (const server of [one, other]) await write(simulation, server, "local");
  await simulation.clock.run(10_000);
  for (const { node } of [one, other]) assert.equal(node!.count("template_variable"), 1);
  await simulation.end();
});

Deno.test("simulated cluster: three empty servers take the data set of the one that is set up", async () => {
  const simulation = new Simulation({ seed: 10 });
  const servers = [0, 1, 2].map(() => simulation.add({ peers: ["10.0.0.0:3100", "10.0.0.1:3100", "10.0.0.2:3100"] }));
  for (const server of servers) await simulation.start(server);
  await simulation.until(
    "all offer setup",
    () => servers.every(({ node }) => node!.status().readiness.kind === "setup_needed"),
    12_000,
  );
  const outcome = await simulation.finish(
    servers[1].node!.setUp([{ op: "create", kind: "user", id: simulation.id(), fields: { username: "admin" } }]),
  );
  assert.equal(outcome.kind, "committed");
  await simulation.until(
    "all ready",
    () => servers.every(({ node }) => node!.status().readiness.kind === "ready"),
    5_000,
  );
  assert(servers.every(({ node }) => node!.count("user") === 1));
  await simulation.end();
});

Deno.test("simulated cluster: a change is shown where the disk has yet to take it, once, and counts as a copy only then", async () => {
  const { simulation, servers: [writer, reader] } = await settledCluster({ seed: 21, count: 2 });
  await simulation.clock.run(2_000);
  reader.store.weather.commitMs = () => 500;
  const heard: string[] = [];
  reader.node!.onChange(({ kind, change }) => heard.push(`${kind} ${change}`));
  const id = simulation.id();
  const writing = writer.node!.write(
    [{ op: "create", kind: "template_variable", id, fields: { name: "early", value: "1" } }],
    { waitMs: 2_000, copies: "all" },
  );
  const shown = () => reader.node!.findByName("template_variable", "name", "early");
  const shownMs = await simulation.until("it is shown", () => shown() !== undefined);
  assert(shownMs <= 20, `shown after ${shownMs} ms on a 10 ms link, with a disk that takes 500`);
  assert.equal(reader.node!.status().recordCount, 1, "the admin is all that is on its disk");
  const startedMs = simulation.clock.monotonicMs();
  const version = shown()?.version;
  assert.deepEqual(await simulation.finish(writing), { kind: "committed", copies: 2, members: 2, version });
  assert(simulation.clock.monotonicMs() - startedMs >= 400, "a copy that is on no disk was counted");
  assert.equal(reader.node!.status().recordCount, 2);
  assert.equal(shown()?.id, id);
  assert.deepEqual(heard, ["template_variable changed"]);
  await simulation.end();
});

Deno.test("simulated cluster: what the disk then refuses is not shown any more, and listeners hear so", async () => {
  const { simulation, servers: [writer, reader] } = await settledCluster({ seed: 22, count: 2 });
  const id = await write(simulation, writer, "kept");
  await simulation.until("both have it", () => reader.node!.get("template_variable", id) !== undefined);
  await simulation.clock.run(2_000);
  reader.store.weather.full = true;
  reader.store.weather.commitMs = () => 200;
  const heard: unknown[] = [];
  const value = () => reader.node!.get("template_variable", id)?.fields.value;
  reader.node!.onChange(({ change }) => heard.push([change, value()]));
  await simulation.finish(
    writer.node!.write([{ op: "update", kind: "template_variable", id, fields: { value: "2" } }]),
  );
  await simulation.until("it is shown", () => value() === "2");
  await simulation.until("it is not", () => value() === "1", 1_000);
  await simulation.clock.run(20_000);
  assert.deepEqual(heard, [["changed", "2"], ["changed", "1"]], "it comes again, and must not be shown again");
  reader.store.weather.full = false;
  await simulation.until("it is there for good", () => value() === "2" && allEqual([writer, reader]), 30_000);
  await simulation.end();
});

Deno.test("simulated cluster: who loses a name to a change that was pushed is told of when that is known", async () => {
  const { simulation, servers } = await settledCluster({ seed: 23, count: 2 });
  await simulation.clock.run(2_000);
  const lost = new Set<string>();
  for (const { node } of servers) {
    node!.onChange(({ kind, id }) => node!.inConflict(kind, id) && lost.add(id));
  }
  const ids = await Promise.all(servers.map((server) => write(simulation, server, "same")));
  const losers = () => servers.map(({ node }) => ids.find((id) => node!.inConflict("template_variable", id)));
  await simulation.until("both know of the conflict", () => losers().every((id) => id !== undefined));
  assert.deepEqual([...lost], [...new Set(losers())]);
  await simulation.end();
});

Deno.test("simulated cluster: a name is free, or taken, as soon as that is shown", async () => {
  const { simulation, servers: [writer, reader] } = await settledCluster({ seed: 24, count: 2 });
  await simulation.clock.run(2_000);
  reader.store.weather.commitMs = () => 200;
  const shown = (name: string) => reader.node!.findByName("template_variable", "name", name) !== undefined;
  const create = (name: string) =>
    reader.node!.write([{
      op: "create",
      kind: "template_variable",
      id: simulation.id(),
      fields: { name, value: "2" },
    }]);
  const id = await write(simulation, writer, "name");
  await simulation.until("it is shown", () => shown("name"));
  assert.equal((await simulation.finish(create("name"))).kind, "name_taken");
  await simulation.finish(writer.node!.write([{ op: "delete", kind: "template_variable", id }]));
  await simulation.until("it is not", () => !shown("name"));
  assert.equal((await simulation.finish(create("name"))).kind, "committed");
  await simulation.end();
});
