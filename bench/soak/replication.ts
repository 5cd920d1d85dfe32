/**
 * Real servers under a steady load of updates: each must be seen at the others soon, memory must stay, and all must show the
 * same at the end.
 */
import { parseArgs } from "node:util";
import { type ApiClient, until } from "../../tests/e2e/mod.ts";
import { quantile } from "../membership/row.ts";
import { bareCommitMs } from "../replication/bare_commit.ts";
import { type LoadedCluster, loadedCluster } from "../replication/loaded_cluster.ts";
import { stopRequest } from "../stop_request.ts";
import { ProcessWatch } from "./process_watch.ts";
import { UpdateLoad } from "./update_load.ts";

/** From the request of an update until another server shows it, for 99 of 100. */
export const LAG_P99_MS_MAX = 250;
/** Of a server's resident memory, after the first minute. */
export const GROWTH_MEGABYTES_MAX = 20;
/** Of the updates that were due, so many must have been made: less is another load than the one asked for. */
const RATE_SHARE_MIN = 0.99;
const LOOK_MS = 2_000;
const REPORT_MS = 30_000;
const MINUTE_MS = 60_000;
const MEGABYTE = 1e6;
/** As many as have a zone of their own. */
const SERVERS_MAX = 9;
/** From the last update until all show the same, in milliseconds. */
const AGREEMENT_MS_MAX = 30_000;

/** How long, how much, how many. */
export interface ReplicationSoakOptions {
  readonly minutes: number;
  /** Updates a second, over all servers. */
  readonly rate: number;
  readonly servers: number;
  readonly records: number;
}

/** What a soak came to. */
export interface ReplicationSoak {
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly acknowledgedPerSecond: number;
  /** Growth of the high-water mark of resident memory from the second minute to the last, the worst server's. */
  readonly growthMegabytes: number;
  /** What was not as it must be, in words. */
  readonly findings: readonly string[];
}

/** Exit code: 0 when the soak is passed, 1 when not, undefined when the arguments make no sense. */
export async function soakReplication(args: readonly string[]): Promise<number | undefined> {
  const options = readOptions(args);
  if (options === undefined) return undefined;
  using stop = stopRequest();
  try {
    const { findings } = await runReplicationSoak(options, { signal: stop.signal, tell: console.log });
    for (const finding of findings) console.log(`  ✗ ${finding}`);
    console.log(findings.length === 0 ? "passed" : "failed");
    return findings.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(stop.signal.aborted ? "Stopped on request, without a verdict" : `failed: ${error}`);
    return 1;
  }
}

/** Runs one soak, telling how it goes. @throws when a server ends, a connection breaks, or it is stopped */
export async function runReplicationSoak(
  options: ReplicationSoakOptions,
  { signal, tell }: { signal: AbortSignal; tell: (line: string) => void },
): Promise<ReplicationSoak> {
  const { minutes, rate, servers, records } = options;
  tell(`${rate} updates a second over ${records} records at ${servers} servers on this machine, ${minutes} minutes`);
  await using loaded = await loadedCluster({ servers, records, signal });
  const { p50, p99 } = await bareCommitMs();
  tell(`  a bare commit of the store takes ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  return await new Soak(loaded, options, tell).run(signal);
}

function readOptions(args: readonly string[]): ReplicationSoakOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string", default: "10" },
        rate: { type: "string", default: "1000" },
        servers: { type: "string", default: "5" },
        records: { type: "string", default: "10000" },
      },
    });
    const [minutes, rate, servers, records] = [values.minutes, values.rate, values.servers, values.records].map(Number);
    if (!(minutes > 0) || !(rate >= 1) || !Number.isInteger(records) || records < 1) return undefined;
    if (!Number.isInteger(servers) || servers < 2 || servers > SERVERS_MAX) return undefined;
    return { minutes, rate, servers, records };
  } catch {
    return undefined; // An option that does not exist.
  }
}

class Soak {
  readonly #loaded: LoadedCluster;
  readonly #options: ReplicationSoakOptions;
  readonly #tell: (line: string) => void;
  readonly #watches: readonly ProcessWatch[];

  constructor(loaded: LoadedCluster, options: ReplicationSoakOptions, tell: (line: string) => void) {
    this.#loaded = loaded;
    this.#options = options;
    this.#tell = tell;
    this.#watches = loaded.cluster.servers.map(({ process }) => new ProcessWatch(process));
  }

  async run(signal: AbortSignal): Promise<ReplicationSoak> {
    const { admins, records } = this.#loaded;
    const { rate, minutes } = this.#options;
    const paths = records.map(({ id }) => `/api/templatevars/${id}`);
    using load = await UpdateLoad.open({ servers: admins, paths, rate });
    const fromMs = performance.now();
    const toMs = fromMs + minutes * MINUTE_MS;
    const watching = this.#watch(load, toMs);
    try {
      await load.run(toMs, signal);
    } finally {
      await watching;
    }
    const report = this.#report(load, { fromMs, toMs });
    const [problem] = await disagreement(admins, paths);
    return { ...report, findings: [...report.findings, ...(problem === undefined ? [] : [problem])] };
  }

  async #watch(load: UpdateLoad, toMs: number): Promise<void> {
    const startedMs = performance.now();
    for (let reportedMs = startedMs; performance.now() < toMs;) {
      if (this.#loaded.cluster.servers.some(({ process }) => process.ended !== undefined)) return;
      await Promise.all(this.#watches.map((watch) => watch.look()));
      if (performance.now() - reportedMs >= REPORT_MS) {
        reportedMs = performance.now();
        const seconds = Math.round((reportedMs - startedMs) / 1_000);
        const lags = `lag p50 ${inMs(load.lagsMs, 0.5)}, p99 ${inMs(load.lagsMs, 0.99)}`;
        this.#tell(`  ${seconds} s: ${Math.round(load.acknowledged / seconds)} a second, ${lags}`);
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_MS, Math.max(0, toMs - performance.now()))));
    }
  }

  #report(load: UpdateLoad, { fromMs, toMs }: { fromMs: number; toMs: number }): ReplicationSoak {
    // A soak that is too short for a first minute is split in halves: an impression.
    const windowMs = Math.min(MINUTE_MS, (toMs - fromMs) / 3);
    const growths = this.#watches.map((watch, index) => {
      const early = watch.highWaterBytes({ fromMs: fromMs + windowMs, toMs: fromMs + 2 * windowMs }) / MEGABYTE;
      const late = watch.highWaterBytes({ fromMs: toMs - windowMs, toMs }) / MEGABYTE;
      const { zone } = this.#loaded.cluster.servers[index].settings;
      this.#tell(
        `  ${zone}: resident at most ${early.toFixed(0)} MB in the second minute, ${late.toFixed(0)} MB in the last; ` +
          `${watch.cores.toFixed(2)} cores`,
      );
      return late - early;
    });
    const seconds = (toMs - fromMs) / 1_000;
    const result = {
      lagP50Ms: quantile(load.lagsMs, 0.5),
      lagP99Ms: quantile(load.lagsMs, 0.99),
      acknowledgedPerSecond: load.acknowledged / seconds,
      growthMegabytes: Math.max(...growths),
    };
    this.#tell(
      `  ${load.acknowledged} updates acknowledged, ${load.refused} refused, ${load.omitted} left out for want of time; ` +
        `followed ${load.lagsMs.length}: acknowledged after p50 ${inMs(load.acknowledgedMs, 0.5)}, ` +
        `p99 ${inMs(load.acknowledgedMs, 0.99)}; seen elsewhere after p50 ${inMs(load.lagsMs, 0.5)}, ` +
        `p99 ${inMs(load.lagsMs, 0.99)}, worst ${inMs(load.lagsMs, 1)}`,
    );
    return { ...result, findings: this.#findings(result, load.refused) };
  }

  #findings(soak: Omit<ReplicationSoak, "findings">, refused: number): string[] {
    const { lagP99Ms, acknowledgedPerSecond, growthMegabytes } = soak;
    const { rate } = this.#options;
    const found: string[] = [];
    if (!(lagP99Ms <= LAG_P99_MS_MAX)) found.push(`p99 lag ${lagP99Ms.toFixed(0)} ms, must be ≤ ${LAG_P99_MS_MAX} ms`);
    if (acknowledgedPerSecond < rate * RATE_SHARE_MIN) {
      found.push(`${acknowledgedPerSecond.toFixed(0)} updates a second were acknowledged, must be ${rate}`);
    }
    if (growthMegabytes > GROWTH_MEGABYTES_MAX) {
      found.push(`a server grew by ${growthMegabytes.toFixed(0)} MB, must be ≤ ${GROWTH_MEGABYTES_MAX} MB`);
    }
    if (refused > 0) found.push(`${refused} updates were refused`);
    return found;
  }
}

function inMs(samples: readonly number[], share: number): string {
  return `${quantile(samples, share).toFixed(0)} ms`;
}

/** Records, one in a hundred, that not all servers show alike at the end; none when all do in time. */
async function disagreement(admins: readonly ApiClient[], paths: readonly string[]): Promise<string[]> {
  const sample = paths.filter((_, index) => index % 100 === 0);
  try {
    await until("All servers show the same records", AGREEMENT_MS_MAX, async () => {
      for (const path of sample) {
        const shown = await Promise.all(admins.map(async (admin) => JSON.stringify(await admin.get(path))));
        if (new Set(shown).size > 1) throw new Error(`${path} differs`);
      }
      return true;
    });
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
