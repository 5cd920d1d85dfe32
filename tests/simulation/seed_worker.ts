/** Runs the seeds that it is told, one after the other, in a thread of its own. */
/// <reference lib="deno.worker" />
import { type RunOptions, type RunReport, runSeed, SimulationFailure } from "./run_seed.ts";

/** What became of one seed. */
export type SeedResult =
  | { readonly kind: "passed"; readonly seed: number; readonly report: RunReport }
  /** A checker, or the code itself, found it wrong. */
  | { readonly kind: "failed"; readonly seed: number; readonly message: string; readonly trace: string };

/** The worker that runs a seed; anything but a result ends it. */
export function seedWorker(): Worker {
  return new Worker(import.meta.url, { type: "module" });
}

/** One seed, here and now. @throws what is no finding, but a bug of the simulator */
export async function runOne(options: RunOptions): Promise<SeedResult> {
  const { seed } = options;
  // What the code under test leaves unhandled would end the process without the seed.
  const rejected = (event: PromiseRejectionEvent) => console.error(`Unhandled rejection at seed ${seed}`, event.reason);
  globalThis.addEventListener("unhandledrejection", rejected);
  try {
    return { kind: "passed", seed, report: await runSeed(options) };
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error;
    return { kind: "failed", seed, message: error.message, trace: error.trace };
  } finally {
    globalThis.removeEventListener("unhandledrejection", rejected);
  }
}

if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
  self.onmessage = async ({ data }: MessageEvent<RunOptions>) => self.postMessage(await runOne(data));
}
