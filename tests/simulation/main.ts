/**
 * Random runs of the simulated cluster, one seed after the other, until one fails: then its seed is all that is needed to
 * see it fail again.
 */
import { parseArgs } from "node:util";
import { type RunOptions, type RunReport, runSeed, SimulationFailure } from "./run_seed.ts";
import type { TraceLevel } from "./simulation_log.ts";

const USAGE = `Usage: deno task simulate [options]
  --seeds N      how many seeds to run (default 100)
  --seed S       the first of them (default: a random one)
  --nodes N      servers of each run (default: drawn from the seed)
  --minutes M    virtual minutes of faults in each run (default 2)
  --trace LEVEL  print what happens: message, debug, info, warn or error`;

/** Seeds between two lines that say how far it is. */
const PROGRESS_SEEDS = 100;

if (import.meta.main) Deno.exitCode = await main(Deno.args);

/** Exit code: 0 all passed, 1 one failed, 2 the arguments make no sense. */
async function main(args: string[]): Promise<number> {
  const options = read(args);
  if (options === undefined) {
    console.error(USAGE);
    return 2;
  }
  const { seeds, seed: first, ...rest } = options;
  const started = performance.now();
  let nodeSeconds = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    // What the code under test leaves unhandled would end the process without the seed.
    const rejected = (event: PromiseRejectionEvent) =>
      console.error(`Unhandled rejection at seed ${seed}`, event.reason);
    globalThis.addEventListener("unhandledrejection", rejected);
    try {
      const report = await runSeed({ ...rest, seed });
      nodeSeconds += report.nodeSeconds;
      if (seeds === 1) console.log(described(seed, report));
    } catch (error) {
      if (!(error instanceof SimulationFailure)) throw error;
      if (rest.print === undefined) console.error(error.trace);
      console.error(error.message);
      return 1;
    } finally {
      globalThis.removeEventListener("unhandledrejection", rejected);
    }
    if ((seed - first + 1) % PROGRESS_SEEDS === 0) console.log(`${seed - first + 1} seeds`);
  }
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    `seeds ${first} to ${first + seeds - 1} passed in ${seconds.toFixed(1)} s, ` +
      `${Math.round(nodeSeconds / seconds)} node-seconds a second`,
  );
  return 0;
}

function read(args: string[]): RunOptions & { seeds: number } | undefined {
  const text = { type: "string" } as const;
  let values;
  try {
    ({ values } = parseArgs({ args, options: { seeds: text, seed: text, nodes: text, minutes: text, trace: text } }));
  } catch {
    return undefined;
  }
  const [seeds, seed, nodes, minutes] = [values.seeds, values.seed, values.nodes, values.minutes].map(Number);
  const given = { seeds, seed, nodes, minutes };
  const bad = Object.entries(given).some(([name, value]) =>
    name in values && (!(value > 0 || name === "seed") || (name !== "minutes" && !Number.isInteger(value)))
  );
  if (bad || nodes === 1) return undefined;
  return {
    seeds: values.seeds === undefined ? 100 : seeds,
    seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : seed,
    nodes: values.nodes === undefined ? undefined : nodes,
    minutes: values.minutes === undefined ? undefined : minutes,
    ...(values.trace === undefined ? {} : { level: values.trace as TraceLevel, print: (line) => console.log(line) }),
  };
}

function described(seed: number, report: RunReport): string {
  return `seed ${seed}: ${JSON.stringify(report, undefined, 2)}`;
}
