import type { SimulatedServer, Simulation } from "../../tests/simulation/mod.ts";
import { formedCluster, SEED } from "./formed.ts";
import { type Effort, largeCount, mean, quantile, type Row, seconds } from "./row.ts";

/** Time from a return to the next crash, in milliseconds, drawn longer so that crashes hit every phase of the probes. */
const APART_MS = 5_000;
const JITTER_MS = 1_000;
/** A machine is back so long after its crash, in milliseconds: when everybody knows. */
const BACK_MS = 20_000;
/** Pings this long before a suspicion belong to the probe that failed, in milliseconds. */
const PROBE_MS_MAX = 2_000;

/** What one crash came to. */
interface Crash {
  readonly server: SimulatedServer;
  readonly atMs: number;
  /** First ping of each server to the dead one, and its last one before the suspicion. */
  readonly pings: Map<string, number[]>;
  suspectedAfterMs?: number;
  /** From the first ping of the probe that failed to the suspicion. */
  probeFailedAfterMs?: number;
  readonly unaware: Set<string>;
  deadAfterMs?: number;
}

/** How soon a crash is suspected, and how soon it is known everywhere. */
export async function* measureCrashes(effort: Effort): AsyncGenerator<Row> {
  for (const { count, crashes, mustMs } of plansFor(effort)) {
    const found = await crash(count, crashes);
    const from = `seed ${SEED}, ${count} servers, ${crashes} crashes`;
    if (count === SUSPICION_COUNT) yield* suspicionRows(found, from);
    const p99 = quantile(found.map(({ deadAfterMs }) => deadAfterMs ?? Infinity), 0.99);
    yield {
      what: `dead everywhere, p99, at ${count}`,
      must: `≤ ${mustMs / 1_000} s`,
      measured: seconds(p99),
      passed: p99 <= mustMs,
      from,
    };
  }
}

/** The size at which it is measured how soon a crash is suspected. */
const SUSPICION_COUNT = 100;

function plansFor(effort: Effort) {
  return [
    { count: 10, crashes: effort.quick ? 50 : 1_000, mustMs: 6_000 },
    { count: SUSPICION_COUNT, crashes: effort.quick ? 50 : 1_000, mustMs: 10_000 },
    { count: largeCount(effort), crashes: effort.quick ? 5 : 20, mustMs: 15_000 },
  ];
}

function suspicionRows(crashes: readonly Crash[], from: string): Row[] {
  const suspected = mean(crashes.map(({ suspectedAfterMs }) => suspectedAfterMs ?? Infinity));
  const probe = quantile(crashes.map(({ probeFailedAfterMs }) => probeFailedAfterMs ?? Infinity), 0.99);
  return [
    {
      what: "a crash is first suspected, mean",
      must: "≤ 1.6 s",
      measured: seconds(suspected),
      passed: suspected <= 1_600,
      from,
    },
    {
      what: "… after the failing probe began, p99",
      must: "≤ 0.6 s",
      measured: seconds(probe),
      passed: probe <= 600,
      from,
    },
  ];
}

async function crash(count: number, number: number): Promise<Crash[]> {
  const current = new Map<string, Crash>();
  const simulation = await formedCluster(count);
  const unheard = simulation.onMessage((server, way, message, { peer }) => {
    if (way !== "sent" || message.kind !== "ping") return;
    const crash = current.get(message.target);
    if (crash === undefined || peer !== crash.server.address) return;
    const pings = crash.pings.get(server.name) ?? [];
    crash.pings.set(server.name, [...pings, simulation.clock.monotonicMs()]);
  });
  const deaf = simulation.log.onLine(({ name, message, fields, atMs }) => {
    const crash = message === "Member changed state" ? current.get(String(fields.member)) : undefined;
    if (crash === undefined) return;
    if (fields.state === "suspect") noteSuspicion(crash, name, atMs);
    if (fields.state !== "dead" || !crash.unaware.delete(name)) return;
    if (crash.unaware.size === 0) crash.deadAfterMs = atMs - crash.atMs;
  });
  const crashes: Crash[] = [];
  for (let index = 0; index < number; index++) crashes.push(await crashOne(simulation, current));
  unheard();
  deaf();
  return crashes;
}

async function crashOne(simulation: Simulation, current: Map<string, Crash>): Promise<Crash> {
  const { clock, random } = simulation;
  await clock.run(APART_MS + random.float() * JITTER_MS);
  const { running } = simulation;
  const server = running[1 + random.below(running.length - 1)];
  simulation.crash(server, "machine");
  const unaware = new Set(simulation.running.map(({ name }) => name));
  const crash: Crash = { server, atMs: clock.monotonicMs(), pings: new Map(), unaware };
  current.set(server.nodeId, crash);
  await clock.run(BACK_MS);
  current.delete(server.nodeId);
  await simulation.start(server);
  return crash;
}

function noteSuspicion(crash: Crash, by: string, atMs: number): void {
  if (crash.suspectedAfterMs !== undefined) return;
  crash.suspectedAfterMs = atMs - crash.atMs;
  const pings = (crash.pings.get(by) ?? []).filter((pingMs) => pingMs > atMs - PROBE_MS_MAX);
  if (pings.length > 0) crash.probeFailedAfterMs = atMs - pings[0];
}
