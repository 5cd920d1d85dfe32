import assert from "node:assert/strict";
import type { Write } from "../../src/records/mod.ts";
import { disagreement } from "./agreement.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import { settledCluster } from "./settled_cluster.ts";
import type { Simulation } from "./simulation.ts";

const KIND = "template_variable";

/** Three servers that agree. */
const three = (seed: number) => settledCluster({ seed, count: 3 });

async function write(simulation: Simulation, { node }: SimulatedServer, ...writes: Write[]): Promise<void> {
  const outcome = await simulation.finish(node!.write(writes));
  assert.equal(outcome.kind, "committed", JSON.stringify(outcome));
}

async function create(simulation: Simulation, server: SimulatedServer, name: string, kind = KIND): Promise<string> {
  const id = simulation.id();
  await write(simulation, server, { op: "create", kind, id, fields: { name, value: "1" }, sets: { zones: ["a"] } });
  return id;
}

const remove = (id: string, kind = KIND): Write => ({ op: "delete", kind, id });
const held = ({ node }: SimulatedServer) => node!.status().recordCount;
const shows = ({ node }: SimulatedServer, id: string, kind = KIND) => node!.get(kind, id) !== undefined;

/** The server dies, and is removed by the first when that holds it for dead. */
async function forget(simulation: Simulation, victim: SimulatedServer, by: SimulatedServer): Promise<void> {
  simulation.crash(victim, "machine", { synced: victim.store.unsyncedCount });
  await simulation.until("forgotten", () => by.node!.forget(victim.nodeId) === "forgotten", 30_000);
}

/** As its operator would: the server starts, is told that it was removed, and starts again as a new one. */
async function comeBack(simulation: Simulation, server: SimulatedServer): Promise<void> {
  await simulation.start(server);
  await simulation.until("expelled", () => server.expelled !== undefined, 30_000);
  await simulation.restartExpelled();
}

Deno.test("simulated cluster: tombstones go when all have them, of unknown kinds, too, and stay while one is away", async () => {
  const { simulation, servers } = await three(21);
  const ids = [await create(simulation, servers[0], "known"), await create(simulation, servers[1], "new", "gadget")];
  await simulation.until("everywhere", () => servers.every((server) => held(server) === 3));
  assert.deepEqual(servers[2].node!.get("gadget", ids[1])?.sets.zones, ["a"], "passed on, unread");
  simulation.crash(servers[2]);
  await write(simulation, servers[0], remove(ids[0]), remove(ids[1], "gadget"));
  await simulation.clock.run(30_000);
  assert.deepEqual(servers.slice(0, 2).map(held), [3, 3], "one has not heard of it");
  await simulation.start(servers[2]);
  await simulation.until("all are gone", () => servers.every((server) => held(server) === 1), 30_000);
  await simulation.end();
});

Deno.test("simulated cluster: a server on an older copy of its disk brings nothing back, and loses nothing that it alone had", async () => {
  const { simulation, servers } = await three(22);
  const [deleted, kept] = [
    await create(simulation, servers[0], "deleted"),
    await create(simulation, servers[0], "kept"),
  ];
  await simulation.until("everywhere", () => servers.every((server) => held(server) === 3));
  simulation.weather.cut(2, 0), simulation.weather.cut(2, 1);
  const alone = await create(simulation, servers[2], "alone");
  await simulation.clock.run(100);
  const copy = servers[2].store.rows();
  simulation.weather.heal();
  await simulation.until("all agree", () => disagreement(servers) === undefined && held(servers[0]) === 4);
  await write(simulation, servers[1], remove(deleted));
  await simulation.until("let go", () => servers.every((server) => held(server) === 3), 30_000);
  simulation.crash(servers[2], "machine");
  simulation.replaceDisk(servers[2], copy);
  await simulation.start(servers[2]);
  await simulation.until("all agree again", () => disagreement(servers) === undefined, 60_000);
  for (const server of servers) {
    assert.deepEqual([deleted, kept, alone].map((id) => shows(server, id)), [false, true, true], server.name);
  }
  await simulation.end();
});

Deno.test("simulated cluster: a removed server comes back: what it alone wrote stays, what was deleted is gone, lost edits are listed", async () => {
  const { simulation, servers } = await three(23);
  const [first, , away] = servers;
  const edited = await create(simulation, first, "edited");
  await simulation.until("everywhere", () => servers.every((server) => shows(server, edited)));
  await simulation.clock.run(5_000);
  for (const other of [0, 1]) simulation.weather.cut(2, other), simulation.weather.cut(other, 2);
  await simulation.clock.run(10_000);
  const alone = await create(simulation, away, "alone");
  await write(simulation, away, { op: "update", kind: KIND, id: edited, fields: { name: "later", value: "2" } });
  await forget(simulation, away, first);
  await write(simulation, first, remove(edited));
  await simulation.until("let go", () => held(first) === 1, 30_000);
  simulation.weather.heal();
  await comeBack(simulation, away);
  await simulation.until("all agree", () => disagreement(servers) === undefined && held(first) === 2, 60_000);
  for (const server of servers) assert.deepEqual([shows(server, edited), shows(server, alone)], [false, true]);
  const lost = await Array.fromAsync(away.node!.lostEdits());
  assert.deepEqual(lost.map(({ id, fields }) => [id, fields]), [[edited, ["name", "value"]]]);
  await simulation.end();
});

Deno.test("simulated cluster: tombstones wait for a server that joined through one which then crashed at once", async () => {
  const { simulation, servers } = await settledCluster({ seed: 26, count: 2 });
  const [away, host] = servers;
  const deleted = await create(simulation, away, "deleted");
  const isSettled = ({ store }: SimulatedServer) => !store.rows().some(({ key }) => key.join("/") === "meta/unsettled");
  await simulation.until("everywhere", () => servers.every((server) => held(server) === 2 && isSettled(server)));
  const late = simulation.add({ peers: [host.address] });
  for (const other of [host, late]) cut(simulation, away, other);
  host.store.weather.commitMs = () => 2_000;
  await simulation.start(late);
  await simulation.until("it has all, and counts on who gave it", () => held(late) === 2 && isSettled(late));
  simulation.crash(host, "machine");
  simulation.weather.heal();
  for (const other of servers) cut(simulation, late, other);
  await simulation.start(host);
  await write(simulation, away, remove(deleted));
  await simulation.clock.run(30_000);
  assert.deepEqual(servers.map((server) => [shows(server, deleted), held(server)]), [[false, 2], [false, 2]]);
  simulation.weather.heal();
  await simulation.until("all are gone", () => [...servers, late].every((server) => held(server) === 1), 60_000);
  await simulation.end();
});

Deno.test("simulated cluster: a server that joined through one which the others removed gives up what they deleted, and keeps what was written there", async () => {
  const { simulation, servers } = await three(25);
  const [first, second, removed] = servers;
  const [deleted, edited] = [
    await create(simulation, first, "deleted"),
    await create(simulation, removed, "edited"),
  ];
  await simulation.until("everywhere", () => servers.every((server) => held(server) === 3));
  await simulation.clock.run(5_000);
  const late = simulation.add({ peers: [removed.address] });
  for (const a of [first, second]) {
    for (const b of [removed, late]) simulation.weather.cut(a.index, b.index), simulation.weather.cut(b.index, a.index);
  }
  await simulation.start(late);
  await simulation.until("joined", () => held(late) === 3 && late.node!.status().readiness.kind === "ready");
  await simulation.until("forgotten", () => first.node!.forget(removed.nodeId) === "forgotten", 30_000);
  await write(simulation, first, remove(deleted), remove(edited));
  await simulation.until("let go", () => held(first) === 1 && held(second) === 1, 30_000);
  await write(simulation, late, { op: "update", kind: KIND, id: edited, fields: { value: "2" } });
  const alone = await create(simulation, late, "alone");
  simulation.weather.heal();
  await simulation.until("expelled", () => removed.expelled !== undefined, 30_000);
  await simulation.restartExpelled();
  const all = [...servers, late];
  await simulation.until("all agree", () => disagreement(all) === undefined && held(first) === 2, 60_000);
  for (const server of all) {
    assert.deepEqual([deleted, edited, alone].map((id) => shows(server, id)), [false, false, true], server.name);
  }
  const lost = await Array.fromAsync(late.node!.lostEdits());
  assert.ok(lost.some(({ id }) => id === edited), "the edit that went with the record is listed");
  await simulation.end();
});

/** Nothing goes from one of the two to the other, either way. */
function cut({ weather }: Simulation, a: SimulatedServer, b: SimulatedServer): void {
  weather.cut(a.index, b.index), weather.cut(b.index, a.index);
}

for (const holder of ["another one that did", "the removed one"] as const) {
  Deno.test(`simulated cluster: what a server wrote that joined through a removed one is not lost while only ${holder} is back`, async () => {
    const { simulation, servers } = await three(29);
    const [first, second, removed] = servers;
    const deleted = await create(simulation, first, "deleted");
    await simulation.until("everywhere", () => servers.every((server) => held(server) === 2));
    const [author, friend] = [0, 1].map(() => simulation.add({ peers: [removed.address] }));
    for (const a of [first, second]) for (const b of [removed, author, friend]) cut(simulation, a, b);
    for (const server of [author, friend]) await simulation.start(server);
    await simulation.until("joined", () => [author, friend].every((server) => held(server) === 2));
    await simulation.clock.run(5_000);
    const alone = await create(simulation, author, "alone");
    await simulation.clock.run(5_000); // All three of them agree on it.
    for (const server of [author, friend, removed]) simulation.crash(server, "machine");
    await simulation.until("forgotten", () => first.node!.forget(removed.nodeId) === "forgotten", 30_000);
    await write(simulation, first, remove(deleted));
    await simulation.until("let go", () => held(first) === 1 && held(second) === 1, 30_000);
    simulation.weather.heal();
    if (holder === "the removed one") await comeBack(simulation, removed);
    else await simulation.start(friend);
    await simulation.until("known to the cluster", () => shows(first, alone) && shows(second, alone), 30_000);
    assert.equal(shows(first, deleted), false);
    await simulation.end();
  });
}

Deno.test("simulated cluster: what a removed server alone has is not lost when it first meets one that is told to be on an older disk", async () => {
  const { simulation, servers } = await three(28);
  const [first, second, removed] = servers;
  const deleted = await create(simulation, first, "deleted");
  await simulation.until("everywhere", () => servers.every((server) => held(server) === 2));
  const copy = first.store.rows();
  await simulation.stop(first);
  await simulation.start(first);
  await simulation.until("all agree", () => disagreement(servers) === undefined);
  await simulation.clock.run(2_000); // The others remember the process that the copy does not know.
  for (const other of [first, second]) cut(simulation, removed, other);
  const alone = await create(simulation, removed, "alone");
  simulation.crash(first, "machine");
  simulation.replaceDisk(first, copy);
  await simulation.start(first);
  await simulation.clock.run(10_000); // The first agrees with the second after that: by its stamp alone both could have it.
  await forget(simulation, removed, first);
  await write(simulation, first, remove(deleted));
  await simulation.until("let go", () => held(first) === 1 && held(second) === 1, 30_000);
  simulation.weather.heal();
  cut(simulation, removed, second);
  let told = 0;
  simulation.log.onLine(({ message }) => void (told += Number(message.startsWith("This server's data is older than"))));
  await comeBack(simulation, removed);
  for (let at = 0; at < 40; at++) { // Each edit is pushed, and meets the first in another state.
    await simulation.clock.run(330);
    await write(simulation, removed, { op: "update", kind: KIND, id: alone, fields: { value: String(at) } });
  }
  assert.equal(told, 1, "it had caught up, and is not to be told by each word");
  simulation.weather.heal();
  await simulation.until("all agree", () => disagreement(servers) === undefined, 60_000);
  for (const server of servers) {
    assert.deepEqual([deleted, alone].map((id) => shows(server, id)), [false, true], server.name);
    assert.equal(server.node!.get(KIND, alone)!.fields.value, "39", server.name);
  }
  await simulation.end();
});

for (const joining of [false, true]) {
  const who = joining ? "and a new server that asks it first" : "and nobody believes it";
  Deno.test(`simulated cluster: a server whose disk lost records without a trace gets them back, ${who}`, async () => {
    const { simulation, servers } = await three(joining ? 27 : 26);
    const [first, damaged, third] = servers;
    const ids = [];
    for (let at = 0; at < 20; at++) ids.push(await create(simulation, first, `kept${at}`));
    const deleted = await create(simulation, first, "deleted");
    await simulation.until("everywhere", () => servers.every((server) => held(server) === 22));
    await write(simulation, first, remove(deleted));
    await simulation.until("let go", () => servers.every((server) => held(server) === 21), 30_000);
    simulation.crash(damaged, "machine", { synced: damaged.store.unsyncedCount });
    const lost = new Set(ids.slice(0, 8));
    simulation.replaceDisk(damaged, damaged.store.rows().filter(({ key }) => key[0] !== "record" || !lost.has(key[2])));
    const all = [...servers];
    if (joining) {
      const late = simulation.add({ peers: [damaged.address] });
      for (const other of [first, third]) {
        simulation.weather.cut(late.index, other.index), simulation.weather.cut(other.index, late.index);
      }
      all.push(late);
    }
    await simulation.start(damaged);
    for (const server of all.slice(3)) await simulation.start(server);
    await simulation.clock.run(1_000);
    simulation.weather.heal();
    await simulation.until("all agree", () => disagreement(all) === undefined && held(damaged) === 21, 60_000);
    for (const server of all) assert.ok(ids.every((id) => shows(server, id)) && !shows(server, deleted), server.name);
    await simulation.end();
  });
}

Deno.test("simulated cluster: what a fast clock wrote waits for its time, over a restart, and counts as agreed", async () => {
  const { simulation, servers } = await three(24);
  const [first, second, third] = servers;
  for (const other of [1, 2]) simulation.weather.cut(0, other), simulation.weather.cut(other, 0);
  await simulation.until(
    "alone",
    () => first.node!.status().members.every(({ self, state }) => self || state === "dead"),
  );
  first.skewMs = 300_000;
  await simulation.clock.run(1);
  const early = await create(simulation, first, "early");
  first.skewMs = 0;
  simulation.weather.heal();
  const quarantined = () => [second, third].map(({ node }) => node?.status().quarantinedCount);
  await simulation.until("set aside", () => quarantined().join() === "1,1", 60_000);
  assert.deepEqual([shows(second, early), shows(third, early)], [false, false]);
  await simulation.stop(third);
  await simulation.start(third);
  assert.deepEqual(quarantined(), [1, 1]);
  await simulation.until("its time has come", () => shows(second, early) && shows(third, early), 300_000, {
    lookMs: 1_000,
  });
  await simulation.until("all agree", () => disagreement(servers) === undefined, 60_000);
  assert.deepEqual(quarantined(), [0, 0]);
  await simulation.end();
});
