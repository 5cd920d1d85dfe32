import assert from "node:assert/strict";
import { disagreement } from "./agreement.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import { settledCluster } from "./settled_cluster.ts";
import type { Simulation } from "./simulation.ts";

/** Servers that know each other, and what the first one says of each of them. */
async function cluster(seed: number, count: number) {
  const { simulation, servers } = await settledCluster({ seed, count });
  const [first] = servers;
  const seen = (subject: SimulatedServer, observer = first) =>
    observer.node!.status().members.find(({ id }) => id === subject.nodeId)!;
  return { simulation, servers, seen };
}

/** Loses everything on one channel, or on both, between two servers. Returns what mends it. */
function cut(simulation: Simulation, [a, b]: readonly SimulatedServer[], channels: readonly string[]): () => void {
  const { network } = simulation;
  const before = network.fate;
  network.fate = (from, to, channel, bytes) => {
    const between = (from === a.address && to === b.address) || (from === b.address && to === a.address);
    return between && channels.includes(channel) ? { delaysMs: [] } : before(from, to, channel, bytes);
  };
  return () => void (network.fate = before);
}

Deno.test("a member that answers datagrams and takes no streams is shown so, with the reason, until it does again", async () => {
  const { simulation, servers: [first, blocked, third], seen } = await cluster(11, 3);
  const lines: string[] = [];
  simulation.log.onLine(({ name, level, message }) => {
    if (name === first.name && message.includes("connected to")) lines.push(level);
  });
  const mend = cut(simulation, [first, blocked], ["stream"]);
  await simulation.until(
    "it is noticed",
    () => {
      void first.node!.opinions(); // Asks over streams.
      return seen(blocked).streamsBlocked;
    },
    180_000,
    { lookMs: 5_000 },
  );
  assert.match(seen(blocked).problem!, /^cannot be connected to: ./);
  assert.equal(seen(blocked).state, "alive");
  assert.deepEqual([seen(third).streamsBlocked, seen(third).problem], [false, undefined]);
  mend();
  await simulation.until("it is over", () => !seen(blocked).streamsBlocked, 180_000, { lookMs: 1_000 });
  assert.equal(seen(blocked).problem, undefined);
  assert.deepEqual(lines, ["warn", "info"]);
  await simulation.end();
});

Deno.test("what a server behind a cut link thinks is asked through a third", async () => {
  const { simulation, servers: [first, far, third], seen } = await cluster(12, 3);
  cut(simulation, [first, far], ["packet", "stream"]);
  await simulation.until(
    "it is reached through the third",
    () => seen(far).relayed && seen(first, far).relayed,
    60_000,
    { lookMs: 1_000 },
  );
  const opinions = await simulation.finish(first.node!.opinions());
  assert.deepEqual(new Set(opinions.keys()), new Set([first, far, third].map(({ nodeId }) => nodeId)));
  assert.equal(opinions.get(far.nodeId)!.find(({ id }) => id === first.nodeId)!.path, "relayed");
  await simulation.end();
});

Deno.test("a server that stopped has no path and no round trip any more", async () => {
  const { simulation, servers: [, stopped], seen } = await cluster(13, 3);
  await simulation.until("it was measured", () => seen(stopped).roundTripMs !== undefined, 10_000);
  await simulation.finish(stopped.node!.stop());
  await simulation.until("it left", () => seen(stopped).state === "leaving", 10_000);
  await simulation.clock.run(30_000);
  const { state, roundTripMs, packetsBlocked, relayed, clockOffsetMs, inSync } = seen(stopped);
  assert.deepEqual({ state, roundTripMs, packetsBlocked, relayed, clockOffsetMs, inSync }, {
    state: "leaving",
    roundTripMs: undefined,
    packetsBlocked: false,
    relayed: false,
    clockOffsetMs: undefined,
    inSync: undefined,
  });
  await simulation.end();
});

for (const timersFirst of [true, false]) {
  const first = timersFirst ? "its timers" : "what waited for it";
  Deno.test(`a server that was paused and wakes with ${first} takes nobody's clock for wrong`, async () => {
    const { simulation, servers: [, paused] } = await cluster(15, 3);
    await simulation.clock.run(10_000);
    const lines: string[] = [];
    simulation.log.onLine(({ name, message }) => {
      if (message.includes("clock")) lines.push(`${name}: ${message}`);
    });
    paused.gate.pause();
    await simulation.clock.run(5_000);
    paused.gate.wake({ timersFirst });
    await simulation.clock.run(20_000);
    assert.deepEqual(lines, []);
    await simulation.end();
  });
}

Deno.test("all servers show that one's disk refuses writes, and begin no comparisons with it, until it takes them", async () => {
  const { simulation, servers: [first, full, third], seen } = await cluster(14, 3);
  const write = async () => {
    const id = simulation.id();
    const group = { op: "create", kind: "group", id, fields: { name: id } } as const;
    return (await simulation.finish(first.node!.write([group]))).kind;
  };
  full.store.weather.full = true;
  assert.equal(await write(), "committed");
  const says = (observer: SimulatedServer) => seen(full, observer).problem === "its disk refuses writes";
  await simulation.until("all show it", () => [first, full, third].every(says), 20_000, { lookMs: 100 });
  assert.equal(seen(full).inSync, false);
  full.store.weather.full = false;
  await simulation.until("nobody shows it", () => ![first, full, third].some(says), 20_000, { lookMs: 100 });
  await simulation.until("it has caught up", () => disagreement([first, full, third]) === undefined, 60_000);
  assert.deepEqual([first, full, third].map((observer) => seen(full, observer).problem), [
    undefined,
    undefined,
    undefined,
  ]);
  await simulation.end();
});

Deno.test("who is gone for a month is shown with the advice to forget it, also by a server that restarted in between", async () => {
  const { simulation, servers: [first, second, gone], seen } = await cluster(15, 3);
  await simulation.stop(gone);
  await simulation.until("it is shown as leaving", () => seen(gone).state === "leaving", 10_000);
  assert.equal(seen(gone).problem, undefined);
  await simulation.clock.run(5_000); // Members reach the disk some seconds later.
  await simulation.stop(first);
  for (const server of [first, second]) server.skewMs += 31 * 86_400_000;
  await simulation.start(first);
  await simulation.until("it is known again", () => seen(gone) !== undefined, 10_000);
  assert.match(seen(gone).problem!, /^gone for 31 days: .*knot cluster forget/);
  await simulation.end();
});

Deno.test("who is gone while another server runs at its address is shown with the advice to forget it", async () => {
  const { simulation, servers: [first, replaced], seen } = await cluster(16, 3);
  const { nodeId } = replaced;
  await simulation.stop(replaced);
  simulation.replaceDisk(replaced, []);
  await simulation.start(replaced);
  const former = () => first.node!.status().members.find(({ id }) => id === nodeId)!;
  await simulation.until("its successor is there", () => seen(replaced)?.state === "alive", 30_000);
  assert.match(former().problem!, /^another server is at its address: .*knot cluster forget /);
  assert.equal(seen(replaced).problem, undefined);
  await simulation.end();
});
