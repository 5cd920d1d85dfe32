import { memberRows } from "../../src/node/rows.ts";
import { factsOf, FINE_LINK, setUp, Simulation } from "../../tests/simulation/mod.ts";

/** Clusters up to this size are formed by joining, larger ones start with their members already on disk: joining costs the square. */
const JOINED_MAX = 200;
/** Servers that join in one wave, and the time between two waves, in milliseconds. */
const WAVE = 5;
const WAVE_MS = 100;
/** What is left of the joining must be over before anything is measured, in milliseconds. */
const SETTLE_MS = 30_000;

/** The store takes no more than 900 at once. */
const ROWS_IN_A_COMMIT = 500;

/** All rows are on the simulated disks after so long, in milliseconds. */
const COMMITTED_MS = 10;

/** A data set's id, any. */
const LINEAGE = "01977420-dc00-7000-8000-000000000001";

/** Large clusters take minutes to form: each is kept for what is measured next. */
const formed = new Map<number, Promise<Simulation>>();

/** Clusters follow from this seed unless told otherwise. */
export const SEED = 1;

/** A cluster of `count` servers or a few more that has been running for a while, with perfect links, everybody alive. */
export async function formedCluster(count: number, seed = SEED): Promise<Simulation> {
  if (count <= JOINED_MAX) return await form(count, seed);
  const found = formed.get(count) ?? form(count, seed);
  formed.set(count, found);
  const simulation = await found;
  simulation.weather.setUsual(FINE_LINK);
  await simulation.clock.run(SETTLE_MS);
  return simulation;
}

async function form(count: number, seed: number): Promise<Simulation> {
  const simulation = new Simulation({ seed, level: "error" });
  if (count <= JOINED_MAX) await join(simulation, count);
  else await remember(simulation, count);
  await simulation.clock.run(SETTLE_MS);
  const apart = simulation.servers.filter(({ node }) => aliveCount(node!.status().members) !== count);
  if (apart.length > 0) {
    throw new Error(`${apart.length} of ${count} servers do not see all ${SETTLE_MS} ms after the start`);
  }
  return simulation;
}

async function join(simulation: Simulation, count: number): Promise<void> {
  const first = simulation.add({ peers: [] });
  await simulation.start(first);
  await setUp(simulation, first);
  for (let index = 1; index < count; index++) {
    await simulation.start(simulation.add({ peers: [first.address] }));
    if (index % WAVE === 0) await simulation.clock.run(WAVE_MS);
  }
}

/** All start at once, as after a power cut, and remember each other. */
async function remember(simulation: Simulation, count: number): Promise<void> {
  for (let index = 0; index < count; index++) simulation.add({ peers: [] });
  const startedAtMs = simulation.clock.wallMs();
  const members = simulation.servers.map((server) => ({
    id: server.nodeId,
    incarnation: 1,
    state: "alive" as const,
    facts: { ...factsOf(server), bootId: server.bootId, startedAtMs, lineage: LINEAGE, saidAt: 1 },
  }));
  const lineage = { key: ["meta", "lineage"], value: new TextEncoder().encode(LINEAGE) };
  for (const server of simulation.servers) {
    // One start is one incarnation further: what the others remember must be what it says now.
    const own = members[server.index];
    const rows = memberRows(members.map((member) => member === own ? { ...own, incarnation: 0 } : member));
    for (let from = 0; from < rows.length; from += ROWS_IN_A_COMMIT) {
      void server.store.commit(rows.slice(from, from + ROWS_IN_A_COMMIT));
    }
    void server.store.commit([lineage]);
  }
  await simulation.clock.run(COMMITTED_MS);
  for (const server of simulation.servers) {
    await simulation.start(server);
  }
}

function aliveCount(members: ReadonlyArray<{ state: string }>): number {
  return members.filter(({ state }) => state === "alive").length;
}
