import assert from "node:assert/strict";
import type { MemberState } from "../../src/cluster/mod.ts";
import { disagreement } from "./agreement.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import { settledCluster, setUp } from "./settled_cluster.ts";
import { Simulation } from "./simulation.ts";

function seenBy(observer: SimulatedServer, subject: SimulatedServer) {
  return observer.node!.status().members.find(({ id }) => id === subject.nodeId);
}

/** Everybody else that runs believes `state` of `subject`; undefined: does not know it. */
function allSee(simulation: Simulation, subject: SimulatedServer, state: MemberState | undefined): boolean {
  return simulation.running.every((observer) => observer === subject || seenBy(observer, subject)?.state === state);
}

/** Datagrams from one server to another are lost from now on, streams are not. */
function blockPackets(simulation: Simulation, from: SimulatedServer, to: SimulatedServer): void {
  const { network } = simulation;
  const before = network.fate;
  network.fate = (fromAddress, toAddress, channel, bytes) =>
    channel === "packet" && fromAddress === from.address && toAddress === to.address
      ? { delaysMs: [] }
      : before(fromAddress, toAddress, channel, bytes);
}

/** Deaths that any server declares from now on. */
function countDeaths(simulation: Simulation): () => number {
  let deaths = 0;
  simulation.log.onLine(({ message, fields }) => {
    if (message === "Member changed state" && fields.state === "dead") deaths++;
  });
  return () => deaths;
}

Deno.test("a server whose peers are all down at its start serves meanwhile, and joins when the first of them is up", async () => {
  const { simulation, servers: [first, second, third] } = await settledCluster({ seed: 1, count: 3 });
  for (const server of [first, second, third]) simulation.crash(server, "machine");
  await simulation.clock.run(60_000);
  await simulation.start(third);
  await simulation.clock.run(20 * 60_000);
  const id = simulation.id();
  const write = { op: "create", kind: "group", id, fields: { name: "alone" } } as const;
  assert.equal((await simulation.finish(third.node!.write([write]))).kind, "committed");
  await simulation.start(first);
  await simulation.until("the first has it", () => first.node!.get("group", id) !== undefined, 65_000, { lookMs: 100 });
  await simulation.end();
});

Deno.test("two halves that started apart become one cluster by one shared peer", async () => {
  const simulation = new Simulation({ seed: 2 });
  const left = [simulation.add({ peers: [] })];
  for (let i = 0; i < 3; i++) left.push(simulation.add({ peers: [left[0].address] }));
  const right = [simulation.add({ peers: [] })];
  for (let i = 0; i < 3; i++) right.push(simulation.add({ peers: [right[0].address] }));
  for (const server of simulation.servers) await simulation.start(server);
  await setUp(simulation, left[0]);
  await simulation.clock.run(20_000);
  assert(right.every(({ node }) => node!.status().readiness.kind === "setup_needed"));
  const bridge = simulation.add({ peers: [left[3].address, right[3].address] });
  await simulation.start(bridge);
  await simulation.until("all are one", () => disagreement(simulation.servers) === undefined, 20_000, { lookMs: 100 });
  await simulation.end();
});

Deno.test("a server that is back within a second of its crash is alive everywhere, and nobody took it for dead", async () => {
  const { simulation, servers } = await settledCluster({ seed: 3, count: 6 });
  const deaths = countDeaths(simulation);
  for (let round = 0; round < 10; round++) {
    const server = servers[1 + round % 5];
    simulation.crash(server, round % 2 === 0 ? "process" : "machine");
    await simulation.clock.run(100 + 80 * round);
    await simulation.start(server);
    await simulation.until("it is alive", () => disagreement(servers) === undefined, 5_000);
  }
  assert.equal(deaths(), 0);
  await simulation.end();
});

Deno.test("a server that comes back at another address is found there by all, whom nobody had told", async () => {
  const { simulation, servers } = await settledCluster({ seed: 4, count: 5 });
  const moving = servers[3];
  simulation.crash(moving, "machine");
  await simulation.until("it is dead", () => allSee(simulation, moving, "dead"), 20_000);
  simulation.move(moving);
  await simulation.start(moving);
  await simulation.until("it is found", () => disagreement(servers) === undefined, 5_000);
  for (const observer of servers) assert.equal(seenBy(observer, moving)?.facts?.address, moving.address);
  await simulation.end();
});

for (const websocket of [false, true]) {
  for (const apartMs of [0, 3_000, 8_000]) {
    for (const first of ["the copy", "the original"] as const) {
      const when = `${first} ${apartMs / 1_000} s earlier, over ${websocket ? "websockets" : "UDP and TCP"}`;
      Deno.test(`of two servers with one id the later one stops and says why: ${when}`, async () => {
        const { simulation, servers } = await settledCluster({ seed: 5, count: 4, websocket });
        const original = servers[2];
        simulation.crash(original);
        const copy = simulation.add({ peers: [servers[0].address] });
        (copy as { nodeId: string }).nodeId = original.nodeId;
        copy.store = original.store;
        await simulation.clock.run(2_000);
        const [earlier, later] = first === "the copy" ? [copy, original] : [original, copy];
        await simulation.start(earlier);
        await simulation.clock.run(apartMs);
        await simulation.start(later);
        const expelled = () => original.expelled ?? copy.expelled;
        await simulation.until("one gives way", () => expelled() !== undefined, 20_000);
        if (apartMs > 0) assert.equal(later.expelled, expelled());
        assert.match(expelled()!, /runs with this server's id and keeps it, since it started earlier/);
        const [gone, kept] = original.expelled === undefined ? [copy, original] : [original, copy];
        simulation.crash(gone);
        await simulation.until("the other one is alive everywhere", () => allSee(simulation, kept, "alive"), 20_000);
        await simulation.clock.run(30_000);
        assert.equal(kept.expelled, undefined);
        assert(allSee(simulation, kept, "alive"));
        await simulation.end();
      });
    }
  }
}

for (const count of [3, 12]) {
  Deno.test(`one of ${count} that comes back from isolation makes nobody take another one for dead`, async () => {
    const { simulation, servers } = await settledCluster({ seed: 11, count });
    const lone = servers[count - 1];
    const others = servers.filter((server) => server !== lone);
    for (const { index } of others) {
      simulation.weather.cut(lone.index, index);
      simulation.weather.cut(index, lone.index);
    }
    await simulation.until(
      "the lone one believes all dead",
      () => others.every((other) => seenBy(lone, other)?.state === "dead"),
      60_000,
      { lookMs: 100 },
    );
    const wrong: string[] = [];
    simulation.log.onLine(({ message, fields, name }) => {
      if (message !== "Member changed state" || fields.state !== "dead" || name === lone.name) return;
      if (fields.member !== lone.nodeId) wrong.push(`${name} holds ${fields.zone} for dead`);
    });
    simulation.weather.heal();
    await simulation.until("all are one again", () => disagreement(servers) === undefined, 20_000, { lookMs: 100 });
    assert.deepEqual(wrong, []);
    await simulation.end();
  });
}

for (const { way, both } of [{ way: "one way", both: false }, { way: "both ways", both: true }]) {
  Deno.test(`a member whose datagrams are blocked ${way} is alive over its stream, and shown so`, async () => {
    const { simulation, servers } = await settledCluster({ seed: 6, count: 5 });
    const deaths = countDeaths(simulation);
    const [blocked, ...others] = servers;
    for (const other of others) {
      blockPackets(simulation, blocked, other);
      if (both) blockPackets(simulation, other, blocked);
    }
    await simulation.clock.run(90_000);
    for (const other of others) {
      assert.equal(seenBy(other, blocked)?.state, "alive");
      assert(seenBy(other, blocked)?.packetsBlocked, `${other.name} does not say that datagrams are blocked`);
      assert(!seenBy(other, others[0])?.packetsBlocked);
    }
    assert.equal(deaths(), 0);
    await simulation.end();
  });
}

for (const timersFirst of [false, true]) {
  const first = timersFirst ? "its timers" : "what it was sent";
  Deno.test(`a process that was paused for 30 s and wakes with ${first} poisons nobody`, async () => {
    const { simulation, servers } = await settledCluster({ seed: 7, count: 6 });
    const paused = servers[3];
    paused.gate.pause();
    const deadAfterMs = await simulation.until("it is dead", () => allSee(simulation, paused, "dead"), 20_000);
    await simulation.clock.run(30_000 - deadAfterMs);
    const wrong: string[] = [];
    simulation.log.onLine(({ message, fields, name }) => {
      const isSaid = message === "Member changed state" && (fields.state === "dead" || fields.state === "suspect");
      if (isSaid && fields.member !== paused.nodeId) wrong.push(`${name} holds ${fields.member} for ${fields.state}`);
    });
    paused.gate.wake({ timersFirst });
    await simulation.until("it is back", () => disagreement(servers) === undefined, 10_000);
    await simulation.clock.run(30_000);
    assert.deepEqual(wrong, []);
    await simulation.end();
  });
}

Deno.test("half of the servers killed at once are dead at all others, who hold each other for alive", async () => {
  const { simulation, servers } = await settledCluster({ seed: 8, count: 12 });
  const killed = servers.slice(6);
  for (const server of killed) simulation.crash(server, "machine");
  const allDead = () => killed.every((one) => allSee(simulation, one, "dead"));
  await simulation.until("all of them are dead", allDead, 30_000, { lookMs: 250 });
  const alive = servers.slice(0, 6);
  assert(alive.every((one) => allSee(simulation, one, "alive")));
  for (const server of killed) await simulation.start(server);
  await simulation.until("all are back", () => disagreement(servers) === undefined, 20_000, { lookMs: 250 });
  await simulation.end();
});

Deno.test("a server that left for good is gone everywhere, and stays gone when others restart", async () => {
  const { simulation, servers } = await settledCluster({ seed: 9, count: 5 });
  const leaver = servers[2];
  const { node } = leaver;
  leaver.node = undefined;
  await simulation.finish(node!.stop({ forGood: true }));
  await simulation.until("it is gone", () => allSee(simulation, leaver, undefined), 5_000);
  for (const server of [servers[0], servers[4]]) {
    simulation.crash(server);
    await simulation.start(server);
  }
  await simulation.clock.run(120_000);
  assert(allSee(simulation, leaver, undefined));
  await simulation.end();
});

Deno.test("a forgotten server is gone everywhere, also where nobody had heard it, and is told so when it comes back", async () => {
  const { simulation, servers } = await settledCluster({ seed: 10, count: 5 });
  const [first, second, , , lost] = servers;
  simulation.crash(lost, "machine");
  await simulation.until("it is dead", () => allSee(simulation, lost, "dead"), 20_000);
  simulation.crash(second, "machine"); // Away while the others forget.
  assert.equal(first.node!.forget(lost.nodeId), "forgotten");
  await simulation.until("it is gone", () => allSee(simulation, lost, undefined), 5_000);
  await simulation.start(second);
  await simulation.until("it is gone there, too", () => seenBy(second, lost) === undefined, 5_000);
  await simulation.start(lost);
  await simulation.until("it is told", () => lost.expelled !== undefined, 20_000);
  assert.match(lost.expelled!, /was removed from the cluster/);
  simulation.crash(lost);
  await simulation.clock.run(30_000);
  assert(allSee(simulation, lost, undefined));
  await simulation.end();
});
