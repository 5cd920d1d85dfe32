/**
 * Random runs of the simulated cluster, one seed after the other, until one fails: then its seed is all that is needed to
 * see it fail again.
 */
import { parseArgs } from "node:util";
import type { RunReport } from "./run_seed.ts";
import { runSeeds, type SeedRuns } from "./seed_pool.ts";
import type { TraceLevel } from "./simulation_log.ts";

const USAGE = `Usage: deno task simulate [options]
  --seeds N      how many seeds to run (default 100)
  --seed S       the first of them (default: a random one)
  --nodes N      servers of each run (default: drawn from the seed)
  --latecomers N servers that join while there are faults (default: drawn from the seed)
  --minutes M    virtual minutes of faults in each run (default 2)
  --no-writes    nobody writes anything: membership alone
  --jobs N       seeds that run at the same time (default: one for each core)
  --trace LEVEL  print what happens: message, debug, info, warn or error; one seed after the other`;

/** Seeds between two lines that say how far it is. */
const PROGRESS_SEEDS = 100;

if (import.meta.main) Deno.exitCode = await main(Deno.args);

/** Exit code: 0 all passed, 1 one failed, 2 the arguments make no sense. */
async function main(args: string[]): Promise<number> {
  const runs = read(args);
  if (runs === undefined) {
    console.error(USAGE);
    return 2;
  }
  const { first, seeds } = runs;
  const started = performance.now();
  let nodeSeconds = 0, passed = 0;
  const failed = await runSeeds(runs, (seed, report) => {
    nodeSeconds += report.nodeSeconds;
    if (seeds === 1) console.log(described(seed, report));
    if (++passed % PROGRESS_SEEDS === 0) console.log(`${passed} seeds`);
  });
  if (failed !== undefined) {
    if (runs.print === undefined) console.error(failed.trace);
    console.error(failed.message);
    return 1;
  }
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    `seeds ${first} to ${first + seeds - 1} passed in ${seconds.toFixed(1)} s, ` +
      `${Math.round(nodeSeconds / seconds)} node-seconds a second${runs.jobs > 1 ? ` (${runs.jobs} at a time)` : ""}`,
  );
  return 0;
}

function read(args: string[]): SeedRuns | undefined {
  const text = { type: "string" } as const;
  const options = {
    seeds: text,
    seed: text,
    nodes: text,
    latecomers: text,
    minutes: text,
    jobs: text,
    trace: text,
    "no-writes": { type: "boolean" },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ args, options }));
  } catch {
    return undefined;
  }
  const number = (name: Exclude<keyof typeof options, "trace" | "no-writes">, { least, whole = true }: Bound) => {
    if (values[name] === undefined) return undefined;
    const value = Number(values[name]);
    return value >= least && (!whole || Number.isInteger(value)) ? value : NaN;
  };
  const [
    seeds = 100,
    first = Math.floor(Math.random() * 2 ** 31),
    nodes,
    latecomers,
    minutes,
    jobs = navigator.hardwareConcurrency,
  ] = [
    number("seeds", { least: 1 }),
    number("seed", { least: 0 }),
    number("nodes", { least: 2 }),
    number("latecomers", { least: 0 }),
    number("minutes", { least: 0, whole: false }),
    number("jobs", { least: 1 }),
  ];
  if ([seeds, first, nodes, latecomers, minutes, jobs].some(Number.isNaN)) return undefined;
  const isTraced = values.trace !== undefined;
  return {
    ...{ seeds, first, nodes, latecomers, minutes, writes: !values["no-writes"] },
    jobs: isTraced || seeds === 1 ? 1 : jobs, // Lines of two runs cannot be told apart.
    ...(isTraced && { level: values.trace as TraceLevel, print: (line: string) => console.log(line) }),
  };
}

interface Bound {
  readonly least: number;
  readonly whole?: boolean;
}

function described(seed: number, report: RunReport): string {
  return `seed ${seed}: ${JSON.stringify(report, undefined, 2)}`;
}
