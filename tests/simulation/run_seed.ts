import { type Random, shuffled } from "../../src/base/mod.ts";
import { checkAgreement, disagreement } from "./agreement.ts";
import { allEqual } from "./checks.ts";
import { DiskWatch } from "./disk_watch.ts";
import { FAR_SKEW_MS, Faults, SKEW_MS_MAX } from "./faults.ts";
import { Latecomers } from "./latecomers.ts";
import { Ledger } from "./ledger.ts";
import { LimitsWatch } from "./limits_watch.ts";
import { watchLine } from "./log_watch.ts";
import { MembershipWatch, PERFECT_MS_MIN } from "./membership_watch.ts";
import { farewell, sudden } from "./partings.ts";
import { drawScenario, type Scenario } from "./scenario.ts";
import { Simulation } from "./simulation.ts";
import type { TraceLevel } from "./simulation_log.ts";
import { Verdict } from "./verdict.ts";
import { FINE_LINK } from "./weather.ts";
import { Workload } from "./workload.ts";

/** Which run, and how much is told of it. */
export interface RunOptions {
  readonly seed: number;
  /** Servers; drawn from the seed unless given. */
  readonly nodes?: number;
  /** Servers that join while there are faults; drawn from the seed unless given. */
  readonly latecomers?: number;
  /** False: nobody writes anything, so that membership is seen alone. */
  readonly writes?: boolean;
  /** How long faults go on, in minutes of virtual time; 2 unless given. */
  readonly minutes?: number;
  /** Least level of the trace. */
  readonly level?: TraceLevel;
  /** Gets each line of the trace as it is written. */
  readonly print?: (line: string) => void;
}

/** What happened in a run that nobody found wrong. */
export interface RunReport {
  readonly scenario: Scenario;
  /** Servers times virtual seconds. */
  readonly nodeSeconds: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly faults: number;
  readonly deaths: number;
  readonly suspicions: number;
  /** Virtual time from the last fault mended until all agreed, in milliseconds. */
  readonly healedAfterMs: number;
  /** Bytes that a server sent in each second after that, on average. */
  readonly idleBytesPerSecond: number;
}

/** A run that a checker, or the code itself, found wrong. */
export class SimulationFailure extends Error {
  override readonly name = "SimulationFailure";

  constructor(readonly options: RunOptions, readonly failures: readonly string[], readonly trace: string) {
    super(
      `Seed ${options.seed} failed:\n${failures.map((failure) => `  ${failure}`).join("\n")}\n` +
        `To see it again: ${replayCommand(options)}`,
    );
  }
}

/** The command that runs this very seed again, and shows what happens. */
export function replayCommand({ seed, nodes, latecomers, minutes, writes = true }: RunOptions): string {
  const flags = [["nodes", nodes], ["latecomers", latecomers], ["minutes", minutes]]
    .filter(([, value]) => value !== undefined).map(([name, value]) => `--${name} ${value}`);
  if (!writes) flags.push("--no-writes");
  return ["deno task simulate --seeds 1", `--seed ${seed}`, ...flags, "--trace info"].join(" ");
}

/**
 * All must agree so soon after everything is mended, in milliseconds: a connection whose last segments wait for a retransmission of
 * before is given up after a minute of silence; then a dial, and a round of probes, with which tombstones begin to go; then another one.
 */
const AGREEMENT_MS_MAX = 90_000;
/** A crash is known everywhere so soon, in milliseconds: at up to ten servers, with links that were good for long. */
const DEATH_MS_MAX = 12_000;
/**
 * Where lost segments had held up whole connections, answers took seconds: a server that was not probed often since then is given so
 * much longer to answer, in milliseconds, the longest deadline of a probe.
 */
const SLOW_DEATH_MS_MAX = DEATH_MS_MAX + 12_000;
/** Tombstones go so soon after that, in milliseconds: everybody has to probe everybody, twice. */
const LET_GO_MS_MAX = 60_000;
/** How often agreement is looked for, in milliseconds. */
const AGREEMENT_LOOK_MS = 250;
/** And how long it must last, in milliseconds; idle traffic is measured over the second half. */
const QUIET_MS = 20_000;
/** A cluster that agrees sends no more than this, each server, in bytes a second. */
const IDLE_BYTES_PER_SECOND_MAX = 1_500;
/** Limits are looked at so often, in milliseconds. */
const LIMITS_LOOK_MS = 5_000;

/**
 * One run in which everything follows from `seed`: first faults of every kind while people write at all servers; what is
 * promised then must hold (safety). Then all is mended, and all must agree within a bound (liveness). After the VOPR of
 * TigerBeetle.
 *
 * @throws {SimulationFailure} with all that was found
 */
export async function runSeed(options: RunOptions): Promise<RunReport> {
  const run = new Run(options);
  let report: RunReport | undefined;
  try {
    report = await run.all();
  } catch (error) {
    run.verdict.fail(error instanceof Error ? error.stack ?? error.message : String(error));
  }
  if (report === undefined || !run.verdict.isClean) {
    throw new SimulationFailure(options, run.verdict.failures, run.simulation.log.tail());
  }
  return report;
}

class Run {
  readonly simulation: Simulation;
  readonly verdict: Verdict;
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #lateRandom: Random;
  readonly #disks: DiskWatch;
  readonly #members: MembershipWatch;
  readonly #ledger: Ledger;
  readonly #workload: Workload;
  readonly #faults: Faults;
  readonly #limits: LimitsWatch;
  readonly #writes: boolean;

  constructor({ seed, nodes, latecomers, minutes, writes = true, level, print }: RunOptions) {
    this.#writes = writes;
    const { scenario, random, lateRandom } = drawScenario(seed, { nodes, latecomers, minutes });
    this.#scenario = scenario;
    this.#random = random;
    this.#lateRandom = lateRandom;
    const { usual, websocket } = scenario;
    this.simulation = new Simulation({
      seed,
      usual,
      websocket,
      level,
      print,
      committed: (server, mutations) => this.#disks.committed(server, mutations),
    });
    const { clock, log } = this.simulation;
    this.verdict = new Verdict(() => clock.monotonicMs());
    const skewMs = scenario.faults.includes("far_clock") ? FAR_SKEW_MS : SKEW_MS_MAX;
    this.#disks = new DiskWatch(this.verdict, () => clock.wallMs() + skewMs);
    this.#members = new MembershipWatch(
      this.simulation,
      this.verdict,
      Math.min(usual.delayMs, FINE_LINK.delayMs),
    );
    this.#ledger = new Ledger(this.#disks, this.verdict);
    this.#workload = new Workload(this.simulation, random, this.#ledger);
    this.#faults = new Faults(this.simulation, {
      random,
      allowed: scenario.faults,
      watch: this.#members,
      disks: this.#disks,
      ledger: this.#ledger,
    });
    this.#limits = new LimitsWatch(this.simulation, this.verdict);
    log.onLine((line) => watchLine(line, this.verdict));
    log.line("run", "info", "Scenario", { seed, ...scenario, usual: JSON.stringify(usual) });
  }

  async all(): Promise<RunReport | undefined> {
    await this.#begin();
    await this.#trouble();
    if (!this.verdict.isClean) return undefined;
    const healedAfterMs = await this.#heal();
    if (!this.verdict.isClean) return undefined;
    const idleBytesPerSecond = await this.#rest();
    await this.#untilLetGo();
    const { servers, clock } = this.simulation;
    checkAgreement(servers, this.#disks, this.verdict);
    this.#ledger.check(servers);
    if (this.verdict.isClean) await this.#part();
    return {
      scenario: this.#scenario,
      nodeSeconds: servers.length * clock.monotonicMs() / 1_000,
      acknowledged: this.#ledger.acknowledgedCount,
      refused: this.#ledger.refusedCount,
      faults: [...this.#faults.made.values()].reduce((sum, count) => sum + count, 0),
      deaths: this.#members.deaths,
      suspicions: this.#members.suspicions,
      healedAfterMs,
      idleBytesPerSecond,
    };
  }

  /** The first server is set up; the others know it, and some of them each other. */
  async #begin(): Promise<void> {
    const { simulation } = this;
    const first = simulation.add({ peers: [] });
    for (let i = 1; i < this.#scenario.nodes; i++) {
      const others = simulation.servers.slice(1).filter(() => this.#random.below(3) === 0);
      simulation.add({ peers: [first, ...others].map(({ address }) => address) });
    }
    for (const server of simulation.servers) await simulation.start(server);
    const admin = { op: "create", kind: "user", id: simulation.id(), fields: { username: "admin" } } as const;
    await simulation.until("the first offers setup", () => first.node!.status().readiness.kind === "setup_needed");
    const outcome = await simulation.finish(first.node!.setUp([admin]));
    this.#ledger.answered(first, [admin], outcome);
    if (!this.#scenario.settled) return;
    await this.#agree("all were started");
  }

  /** Faults and writes, until the time is up or something is found wrong. */
  async #trouble(): Promise<void> {
    const { clock } = this.simulation;
    const { faultGapMs, writeGapMs, durationMs, latecomers: count } = this.#scenario;
    const latecomers = new Latecomers(this.simulation, { random: this.#lateRandom, count, durationMs });
    const endMs = clock.monotonicMs() + durationMs;
    const next = {
      fault: this.#gap(faultGapMs),
      write: this.#writes ? this.#gap(writeGapMs) : Infinity,
      limits: LIMITS_LOOK_MS,
    };
    for (const key of ["fault", "write", "limits"] as const) next[key] += clock.monotonicMs();
    while (clock.monotonicMs() < endMs && this.verdict.isClean) {
      const untilMs = Math.min(endMs, next.fault, next.write, next.limits, latecomers.nextMs, this.#faults.nextEndMs);
      await clock.run(Math.max(0, untilMs - clock.monotonicMs()));
      await latecomers.joinDue();
      await this.#faults.endDue();
      await this.simulation.restartExpelled();
      const nowMs = clock.monotonicMs();
      if (nowMs >= next.fault) {
        this.#faults.make();
        next.fault = nowMs + this.#gap(faultGapMs);
      }
      if (nowMs >= next.write) {
        this.#workload.write();
        next.write = nowMs + this.#gap(writeGapMs);
      }
      if (nowMs >= next.limits) {
        this.#limits.look();
        next.limits = nowMs + LIMITS_LOOK_MS;
      }
      this.#members.look();
    }
  }

  async #heal(): Promise<number> {
    const { log } = this.simulation;
    await this.#faults.healAll();
    log.line("run", "info", "Everything is mended");
    return await this.#agree("everything was mended");
  }

  /** Waits until all agree; how long that took, in milliseconds. Not within the bound is a failure. */
  async #agree(since: string): Promise<number> {
    const { clock, servers } = this.simulation;
    const startedMs = clock.monotonicMs();
    for (;;) {
      const problem = disagreement(servers);
      const tookMs = clock.monotonicMs() - startedMs;
      if (problem === undefined || !this.verdict.isClean) return tookMs;
      const limitMs = AGREEMENT_MS_MAX + (this.#faults.made.has("far_clock") ? FAR_SKEW_MS : 0);
      if (tookMs >= limitMs) {
        this.verdict.fail(`No agreement ${limitMs} ms after ${since}: ${problem}`);
        return tookMs;
      }
      await clock.run(AGREEMENT_LOOK_MS);
      await this.simulation.restartExpelled();
      this.#members.look();
    }
  }

  /** Nothing happens: nothing may change, and next to nothing may be sent. Returns bytes a second of each server. */
  async #rest(): Promise<number> {
    const { clock, servers } = this.simulation;
    await clock.run(QUIET_MS / 2);
    const before = this.#sentBytes();
    await clock.run(QUIET_MS / 2);
    const idle = (this.#sentBytes() - before) / servers.length / (QUIET_MS / 2_000);
    if (idle > IDLE_BYTES_PER_SECOND_MAX) this.verdict.fail(`An idle server sends ${Math.round(idle)} bytes a second`);
    if (!allEqual(servers)) this.verdict.fail("The servers agreed, and then no more: their contents differ");
    // A packet from before, by a slow way, may tell of old roots or an old suspicion; the next one puts that right.
    await this.#agree("it had been reached once");
    this.#limits.look();
    this.#members.look();
    return idle;
  }

  /** With everybody there and nothing to do, no tombstone may stay, and nothing may still wait for its time. */
  async #untilLetGo(): Promise<void> {
    const { clock, servers } = this.simulation;
    const tombstones = () =>
      servers.flatMap((server) =>
        [...this.#disks.recordsOf(server)].filter(([, { deletedAt }]) => deletedAt !== undefined)
          .map(([name]) => `${server.name} ${name}`)
      );
    const keepingAside = () => servers.filter((server) => this.#disks.asideOf(server).size > 0);
    for (let waitedMs = 0; tombstones().length > 0 || keepingAside().length > 0; waitedMs += AGREEMENT_LOOK_MS) {
      // What is shown a minute early cannot be let go before its time.
      if (waitedMs >= LET_GO_MS_MAX + (this.#faults.made.has("far_clock") ? FAR_SKEW_MS : 0)) {
        const [first] = tombstones();
        if (first !== undefined) this.verdict.fail(`Tombstones are still there: ${first}`);
        for (const { name } of keepingAside()) this.verdict.fail(`${name} still keeps records for later`);
        return;
      }
      await clock.run(AGREEMENT_LOOK_MS);
    }
  }

  /** One server says goodbye, another one dies, while the network is perfect: the others must tell the two apart. */
  async #part(): Promise<void> {
    const { servers, clock } = this.simulation;
    // The first one is the peer that all others were told of: it stays.
    const [leaver, victim = leaver] = shuffled(servers.slice(1), this.#random);
    await farewell(this.simulation, leaver, this.verdict);
    await this.simulation.start(leaver);
    await clock.run(PERFECT_MS_MIN);
    const { websocket, usual } = this.#scenario;
    const limitMs = websocket && usual.loss > 0 ? SLOW_DEATH_MS_MAX : DEATH_MS_MAX;
    await sudden(this.simulation, victim, { limitMs, verdict: this.verdict });
  }

  #sentBytes(): number {
    let bytes = 0;
    for (const { address } of this.simulation.servers) {
      const { packet, stream } = this.simulation.network.traffic(address);
      bytes += packet.sentBytes + stream.sentBytes;
    }
    return bytes;
  }

  /** A random time around `meanMs`: waiting times of things that know nothing of each other. */
  #gap(meanMs: number): number {
    return -Math.log(1 - this.#random.float()) * meanMs;
  }
}
