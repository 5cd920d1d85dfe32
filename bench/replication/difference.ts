import { seededRandom } from "../../src/base/mod.ts";
import { allEqual, type SimulatedServer, Simulation } from "../../tests/simulation/mod.ts";
import { mean, type Row } from "../membership/row.ts";
import type { Effort } from "./effort.ts";
import { type FindingCost, findingCost, type Sent, SentWatch } from "./finding_cost.ts";
import { type SeededRecord, seededRecords } from "../../tests/e2e/mod.ts";
import { addCopy, agreed, changed } from "./simulated_copies.ts";

/** Recent changes: bytes at most for finding any, and for each. */
const RECENT_BYTES = { any: 300, each: 24 };
const SCATTERED_ONE_BYTES = 600;
const SCATTERED_EACH_BYTES = 100;
/** How long two servers do not reach each other, in virtual milliseconds: each calls the other dead. */
const APART_MS = 60_000;
/** What is counted begins when the link works, or the second server starts, and ends so much later, in virtual milliseconds. */
const WHILE_MS = 15_000;
/** The records are older than anything that happens, in milliseconds. */
const AGE_MS = 3_600_000;

/** A difference between two servers. */
interface Difference {
  readonly changes: number;
  /** Both servers have changed some, each its own; else only the first one has. */
  readonly twoSided: boolean;
}

type Play = (seed: number, records: readonly SeededRecord[], difference: Difference) => Promise<Sent>;

/** What two simulated servers with 10,000 records send to find out what differs. */
export async function* measureDifference({ quick, signal, progress }: Effort): AsyncGenerator<Row> {
  const count = quick ? 1_000 : 10_000;
  const seeds = quick ? [1] : [1, 2, 3];
  const cases: Array<Difference & { name: string; play: Play; bytesMax: number }> = [
    ...[1, 10, 100, 1_000].filter((changes) => changes <= count / 10).map((changes) => ({
      name: "recent",
      play: playRecent,
      changes,
      twoSided: changes > 1,
      bytesMax: RECENT_BYTES.any + RECENT_BYTES.each * changes,
    })),
    { name: "scattered", play: playScattered, changes: 1, twoSided: false, bytesMax: SCATTERED_ONE_BYTES },
    ...[false, true].map((twoSided) => ({
      name: "scattered",
      play: playScattered,
      changes: count / 10,
      twoSided,
      bytesMax: SCATTERED_EACH_BYTES * count / 10,
    })),
  ];
  for (const { name, play, changes, twoSided, bytesMax } of cases) {
    const costs: FindingCost[] = [];
    for (const seed of seeds) {
      signal.throwIfAborted();
      const sides = twoSided ? "two-sided" : "one-sided";
      progress(`${name}, ${changes} changes, ${sides}, seed ${seed}`);
      costs.push(await costOf(play, count, { changes, twoSided }, seed));
    }
    const bytes = mean(costs.map((cost) => cost.bytes));
    yield {
      what: `bytes to find, ${name} d = ${changes}${changes > 1 ? twoSided ? ", two-sided" : ", one-sided" : ""}`,
      must: `≤ ${bytesMax} B`,
      measured: `${Math.round(bytes)} B`,
      passed: bytes <= bytesMax,
      from: `simulated, ${count} records, seeds ${seeds.join(", ")}: ${
        costs.map((cost) => Math.round(cost.bytes)).join(", ")
      } B, ` +
        `${(bytes / changes).toFixed(1)} B a record; of the first, in bytes: ${costs[0].parts}`,
    };
  }
}

async function costOf(play: Play, count: number, difference: Difference, seed: number): Promise<FindingCost> {
  const wallMs = new Simulation({ seed }).clock.wallMs() - AGE_MS;
  const records = seededRecords(count, { seed, wallMs });
  const control = await play(seed, records, { ...difference, changes: 0 });
  return findingCost(await play(seed, records, difference), control);
}

/** Both have agreed; then they do not reach each other for a minute, in which some records are changed. */
async function playRecent(seed: number, records: readonly SeededRecord[], difference: Difference): Promise<Sent> {
  const simulation = new Simulation({ seed, level: "error" });
  const servers = [await addCopy(simulation, records), await addCopy(simulation, records)];
  for (const server of servers) await simulation.start(server);
  await agreed(simulation);
  simulation.weather.cut(0, 1);
  simulation.weather.cut(1, 0);
  await simulation.clock.run(APART_MS / 2);
  await change(simulation, servers, chosen(records, difference), difference);
  await simulation.clock.run(APART_MS / 2);
  return await watched(simulation, () => simulation.weather.heal());
}

/** The second starts with what the first has, but for some records all over, of which each has a newer version. */
async function playScattered(seed: number, records: readonly SeededRecord[], difference: Difference): Promise<Sent> {
  const simulation = new Simulation({ seed, level: "error" });
  const random = seededRandom(seed);
  const wallMs = simulation.clock.wallMs() - AGE_MS / 2;
  const copies = [new Map<string, SeededRecord>(), new Map<string, SeededRecord>()];
  for (const copy of copies) for (const record of records) copy.set(record.id, record);
  for (const [index, record] of chosen(records, difference).entries()) {
    const newer = changed(record, { wallMs, draw: () => random.below(64) });
    copies[difference.twoSided ? index % 2 : 0].set(record.id, newer);
  }
  for (const copy of copies) await addCopy(simulation, [...copy.values()]);
  await simulation.start(simulation.servers[0]);
  await simulation.clock.run(APART_MS);
  return await watched(simulation, () => simulation.start(simulation.servers[1]));
}

/** Records at equal distances from the first to the last. */
function chosen(records: readonly SeededRecord[], { changes }: Difference): SeededRecord[] {
  return Array.from({ length: changes }, (_, index) => records[Math.floor((index + 0.5) * records.length / changes)]);
}

async function change(
  simulation: Simulation,
  servers: readonly SimulatedServer[],
  records: readonly SeededRecord[],
  { twoSided }: Difference,
): Promise<void> {
  const writes = records.map(({ id }, index) => {
    const { node } = servers[twoSided ? index % 2 : 0];
    const fields = { value: `changed ${simulation.random.uint32()} ${simulation.random.uint32()}` };
    return node!.write([{ op: "update", kind: "template_variable", id, fields }]);
  });
  const outcomes = await simulation.finish(Promise.all(writes));
  const refused = outcomes.find(({ kind }) => kind !== "committed");
  if (refused !== undefined) throw new Error(`A change was not taken: ${JSON.stringify(refused)}`);
}

/** All that is sent in the while from `begin` on. @throws when the two are not equal at its end */
async function watched(simulation: Simulation, begin: () => Promise<void> | void): Promise<Sent> {
  const watch = new SentWatch(simulation);
  await begin();
  await simulation.clock.run(WHILE_MS);
  const sent = watch.read();
  const { running } = simulation;
  if (running.length < 2 || !allEqual(running)) throw new Error(`The two were not equal after ${WHILE_MS} ms`);
  await simulation.end();
  return sent;
}
