import { changesOfSides, SIDES } from "../../tests/e2e/netns/mod.ts";
import { Simulation } from "../../tests/simulation/mod.ts";
import type { Row } from "../membership/row.ts";
import type { Effort } from "./effort.ts";
import { type SeededRecord, seededRecords } from "../../tests/e2e/mod.ts";
import { addCopy, agreed } from "./simulated_copies.ts";

const ROUND_TRIPS_MAX = 3;
/** Of the simulated links, both ways, in milliseconds. */
const ROUND_TRIP_MS = 20;
const ONE_WAY_MS = ROUND_TRIP_MS / 2;
const APART_MS = 60_000;
const HEALED_MS_MAX = 60_000;
const SEED = 1;
/** The records are older than anything that happens, in milliseconds. */
const AGE_MS = 3_600_000;

/** The same partition as on real servers, simulated: how many round trips the healing takes, where computing takes no time. */
export async function* measureSimulatedPartition({ quick, signal, progress }: Effort): AsyncGenerator<Row> {
  const { count, changes } = quick ? { count: 1_000, changes: 100 } : { count: 10_000, changes: 1_000 };
  const simulation = new Simulation({ seed: SEED, level: "error" });
  const { weather, clock, servers } = simulation;
  const records = seededRecords(count, { seed: SEED, wallMs: clock.wallMs() - AGE_MS });
  for (let index = 0; index < SIDES.flat().length; index++) await addCopy(simulation, records);
  for (const server of servers) await simulation.start(server);
  await agreed(simulation);
  for (const a of SIDES[0]) for (const b of SIDES[1]) [weather.cut(a, b), weather.cut(b, a)];
  progress(`apart for ${APART_MS / 1_000} virtual seconds`);
  await clock.run(APART_MS / 2);
  const sides = changesOfSides(records, changes);
  for (const [side, changed] of sides.entries()) await changeAll(simulation, side, changed);
  await clock.run(APART_MS / 2);
  signal.throwIfAborted();
  const healedMs = await heal(simulation, sides);
  const roundTrips = healedMs / ROUND_TRIP_MS;
  await simulation.end();
  yield {
    what: "the same, simulated, in round trips",
    must: `≤ ${ROUND_TRIPS_MAX}`,
    measured: roundTrips.toFixed(1),
    passed: roundTrips <= ROUND_TRIPS_MAX,
    from:
      `seed ${SEED}, 5 servers, 2 and 3, ${count} records, ${changes} changed on each side, half of them the same; ` +
      `${Math.round(healedMs)} ms on links of ${ONE_WAY_MS} ms, commits of 1 ms`,
  };
}

async function changeAll(simulation: Simulation, side: number, records: readonly SeededRecord[]): Promise<void> {
  const outcomes = await simulation.finish(Promise.all(records.map(({ id }, index) => {
    const writers = SIDES[side];
    const { node } = simulation.servers[writers[index % writers.length]];
    const fields: Record<string, string | boolean> = side === 0 ? { value: `new ${id}` } : { restricted: true };
    return node!.write([{ op: "update", kind: "template_variable", id, fields }]);
  })));
  const refused = outcomes.find(({ kind }) => kind !== "committed");
  if (refused !== undefined) throw new Error(`A change was not taken: ${JSON.stringify(refused)}`);
}

/** Mends all links; answers with the time from the first message that gets through until the last change, in milliseconds. */
async function heal(simulation: Simulation, sides: readonly (readonly SeededRecord[])[]): Promise<number> {
  const { servers, clock } = simulation;
  const sideOf = (index: number) => SIDES[0].some((server) => server === index) ? 0 : 1;
  let firstMs: number | undefined, lastMs = 0;
  const deaf = simulation.onMessage((server, way, _message, { peer }) => {
    const from = servers.find(({ nodeId }) => nodeId === peer);
    if (way !== "received" || from === undefined || sideOf(from.index) === sideOf(server.index)) return;
    firstMs ??= clock.monotonicMs() - ONE_WAY_MS;
  });
  const missing = servers.map(({ index, node }) => {
    const expected = new Set(sides[1 - sideOf(index)].map(({ id }) => id));
    const left = new Set(expected);
    node!.onChange(({ id }) => {
      if (!expected.has(id)) return;
      left.delete(id);
      lastMs = clock.monotonicMs();
    });
    return left;
  });
  simulation.weather.heal();
  await simulation.until("all have all changes", () => missing.every(({ size }) => size === 0), HEALED_MS_MAX);
  deaf();
  await agreed(simulation);
  return lastMs - firstMs!;
}
