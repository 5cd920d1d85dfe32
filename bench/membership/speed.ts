import process from "node:process";
import { runSeed } from "../../tests/simulation/mod.ts";
import { formedCluster, SEED } from "./formed.ts";
import type { Effort, Row } from "./row.ts";

const SERVERS = 10;
/** Seconds that warm the compiler up before the clock is read. */
const WARM_UP_SECONDS = 300;

/** How many seconds of how many servers the simulator runs in one second of one core. */
export async function* measureSpeed({ quick }: Effort): AsyncGenerator<Row> {
  yield await calm(quick ? 1_000 : 5_000);
  yield await troubled(quick ? 20 : 200);
}

async function calm(seconds: number): Promise<Row> {
  const { clock } = await formedCluster(SERVERS);
  await clock.run(WARM_UP_SECONDS * 1_000);
  const took = await cpuSeconds(() => clock.run(seconds * 1_000));
  const speed = SERVERS * seconds / took;
  return {
    what: "simulator, no loss: server-seconds in a second of a core",
    must: "≥ 10000",
    measured: speed.toFixed(0),
    passed: speed >= 10_000,
    from: `seed ${SEED}, ${SERVERS} servers, ${seconds} s`,
  };
}

async function troubled(seeds: number): Promise<Row> {
  let serverSeconds = 0;
  const took = await cpuSeconds(async () => {
    for (let seed = 1; seed <= seeds; seed++) serverSeconds += (await runSeed({ seed, nodes: SERVERS })).nodeSeconds;
  });
  const speed = serverSeconds / took;
  return {
    what: "simulator, with faults: the same",
    must: "≥ 6000",
    measured: speed.toFixed(0),
    passed: speed >= 6_000,
    from: `seeds 1 to ${seeds}, ${SERVERS} servers`,
  };
}

/** Processor time of this process, which does nothing else meanwhile: other programs on the machine do not count. */
async function cpuSeconds(run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
