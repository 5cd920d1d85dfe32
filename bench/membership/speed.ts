import process from "node:process";
import { type RunOptions, runSeeds } from "../../tests/simulation/mod.ts";
import { formedCluster, SEED } from "./formed.ts";
import type { Effort, Row } from "./row.ts";

const SERVERS = 10;
/** Seconds that warm the compiler up before the clock is read. */
const WARM_UP_SECONDS = 300;
/** 1,000 seeds of 10 servers and 180 s in 5 minutes. */
const TROUBLED_SPEED_MIN = 6_000;

/** How many seconds of how many servers the simulator runs in one second: on one core, and with faults on all of them. */
export async function* measureSpeed({ quick }: Effort): AsyncGenerator<Row> {
  yield await calm(quick ? 1_000 : 5_000);
  const seeds = quick ? 40 : 400;
  yield await troubled("with faults, nobody writes", seeds, { writes: false });
  yield await troubled("with faults, and writes at all servers", seeds, {});
}

async function calm(seconds: number): Promise<Row> {
  const { clock } = await formedCluster(SERVERS);
  await clock.run(WARM_UP_SECONDS * 1_000);
  const before = process.cpuUsage(); // Other programs on the machine do not count.
  await clock.run(seconds * 1_000);
  const { user, system } = process.cpuUsage(before);
  const speed = SERVERS * seconds / ((user + system) / 1e6);
  return {
    what: "simulator, no loss: server-seconds in a second of a core",
    must: "≥ 10000",
    measured: speed.toFixed(0),
    passed: speed >= 10_000,
    from: `seed ${SEED}, ${SERVERS} servers, ${seconds} s`,
  };
}

async function troubled(what: string, seeds: number, options: Pick<RunOptions, "writes">): Promise<Row> {
  const jobs = navigator.hardwareConcurrency;
  let serverSeconds = 0;
  const started = performance.now();
  const failed = await runSeeds({ ...options, first: 1, seeds, jobs, nodes: SERVERS }, (_, { nodeSeconds }) => {
    serverSeconds += nodeSeconds;
  });
  if (failed !== undefined) throw new Error(failed.message);
  const speed = serverSeconds / ((performance.now() - started) / 1_000);
  return {
    what: `simulator, ${what}: server-seconds in a second`,
    must: `≥ ${TROUBLED_SPEED_MIN}`,
    measured: speed.toFixed(0),
    passed: speed >= TROUBLED_SPEED_MIN,
    from: `seeds 1 to ${seeds}, ${SERVERS} servers, ${jobs} cores`,
  };
}
