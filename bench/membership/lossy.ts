/** A cluster that loses packets all the time; run in threads of their own, one for each core, since it takes long. */
/// <reference lib="deno.worker" />
import { askWorker, FINE_LINK } from "../../tests/simulation/mod.ts";
import { formedCluster, SEED } from "./formed.ts";

/** What to run: one cluster with one seed. */
export interface LossyPlan {
  readonly servers: number;
  /** Share of packets lost. */
  readonly loss: number;
  /** Virtual seconds. */
  readonly seconds: number;
  /** False: streams carry nothing, so that they save nobody. */
  readonly streams: boolean;
  readonly seed: number;
}

/** What a run under loss came to. */
export interface Lossy {
  readonly probes: number;
  readonly failed: number;
  readonly deaths: number;
}

/** Runs several clusters of different seeds at once, the seconds shared among them. */
export async function underLoss(
  plan: Omit<LossyPlan, "seed">,
): Promise<Lossy & { readonly seeds: string }> {
  const jobs = navigator.hardwareConcurrency;
  const parts = await Promise.all(
    Array.from({ length: jobs }, (_, job) => inWorker({ ...plan, seconds: plan.seconds / jobs, seed: SEED + job })),
  );
  const sum = (of: (part: Lossy) => number) => parts.reduce((total, part) => total + of(part), 0);
  return {
    probes: sum(({ probes }) => probes),
    failed: sum(({ failed }) => failed),
    deaths: sum(({ deaths }) => deaths),
    seeds: jobs === 1 ? `seed ${SEED}` : `seeds ${SEED} to ${SEED + jobs - 1}`,
  };
}

async function inWorker(plan: LossyPlan): Promise<Lossy> {
  const worker = new Worker(import.meta.url, { type: "module" });
  try {
    return await askWorker<Lossy>(worker, plan, "A cluster under loss");
  } finally {
    worker.terminate();
  }
}

async function run({ servers, loss, seconds, streams, seed }: LossyPlan): Promise<Lossy> {
  const simulation = await formedCluster(servers, seed);
  let failed = 0, deaths = 0;
  simulation.log.onLine(({ message, fields }) => {
    if (message === "Probe failed") failed++;
    if (message === "Member changed state" && fields.state === "dead") deaths++;
  });
  simulation.weather.setUsual({ ...FINE_LINK, loss });
  simulation.weather.streamsBlocked = !streams;
  await simulation.clock.run(seconds * 1_000);
  return { probes: Math.round(servers * seconds), failed, deaths }; // One probe each second.
}

if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
  self.onmessage = async ({ data }: MessageEvent<LossyPlan>) => self.postMessage(await run(data));
}
