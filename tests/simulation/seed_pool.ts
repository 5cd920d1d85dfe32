import type { RunOptions, RunReport } from "./run_seed.ts";
import { runOne, type SeedResult, seedWorker } from "./seed_worker.ts";
import { askWorker } from "./worker_call.ts";

/** Which seeds to run, and how. */
export interface SeedRuns extends Omit<RunOptions, "seed"> {
  readonly first: number;
  readonly seeds: number;
  /** Seeds that run at the same time, each in a thread of its own; 1: here. */
  readonly jobs: number;
}

type Failed = Extract<SeedResult, { kind: "failed" }>;

/** Runs all seeds; the least that failed, if one did. After a failure no more are begun. */
export async function runSeeds(
  { first, seeds, jobs, ...options }: SeedRuns,
  passed: (seed: number, report: RunReport) => void,
): Promise<Failed | undefined> {
  let next = first;
  const failures: Failed[] = [];
  const runUpTo = async (run: (options: RunOptions) => Promise<SeedResult>) => {
    while (failures.length === 0 && next < first + seeds) {
      const result = await run({ ...options, seed: next++ });
      if (result.kind === "passed") passed(result.seed, result.report);
      else failures.push(result);
    }
  };
  if (jobs === 1) await runUpTo(runOne);
  else await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, () => inWorker(runUpTo)));
  return failures.sort((a, b) => a.seed - b.seed)[0];
}

/** Gives `use` a worker's `run`, and ends the worker afterwards. */
async function inWorker(
  use: (run: (options: RunOptions) => Promise<SeedResult>) => Promise<void>,
): Promise<void> {
  const worker = seedWorker();
  try {
    await use((options) => askWorker<SeedResult>(worker, options, `Seed ${options.seed}`));
  } finally {
    worker.terminate();
  }
}
