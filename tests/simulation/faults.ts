import type { Random } from "../../src/base/mod.ts";
import { shuffled } from "../../src/base/mod.ts";
import type { DiskWatch } from "./disk_watch.ts";
import type { Ledger } from "./ledger.ts";
import type { MembershipWatch } from "./membership_watch.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import type { Simulation } from "./simulation.ts";
import type { LinkCondition } from "./weather.ts";

/** What may go wrong. Each run allows some of it, so that faults that hide each other's effects are also seen alone. */
export const FAULT_KINDS = [
  "split",
  "isolate",
  "one_way",
  "cut_link",
  "lossy_link",
  "slow_link",
  "clog",
  "kill_process",
  "kill_machine",
  "kill_half",
  "stop",
  "move",
  "pause",
  "clock",
  "slow_disk",
  "full_disk",
  "far_clock",
  "forget",
  "rollback",
] as const;

/** One of {@link FAULT_KINDS}. */
export type FaultKind = typeof FAULT_KINDS[number];

/** How long a fault lasts, in milliseconds: as short as a restart, or past every suspicion. */
const LASTS_MS_MIN = 200;
const LASTS_MS_MAX = 40_000;
/** A server that was killed may be back at once. */
const RESTART_AT_ONCE_SHARE = 0.3;
/** How far a wall clock may be off, in milliseconds: past what writers accept, and within what receivers do. */
export const SKEW_MS_MAX = 32_000;
/** A clock that somebody set by hand, in milliseconds: five minutes ahead, and for how long at most. */
export const FAR_SKEW_MS = 300_000;
const FAR_LASTS_MS_MAX = 20_000;
/** A server is away so long, in milliseconds, before somebody removes it: the others must hold it for dead. */
const AWAY_MS_MIN = 15_000;
/** A disk in trouble takes up to so long, in milliseconds, for one commit. */
const SLOW_COMMIT_MS_MAX = 1_500;

/** A graceful stop takes at most so long, in milliseconds (SIGTERM to exit), and is looked for so often. */
const STOP_MS_MAX = 5_000;
const STOP_LOOK_MS = 100;

/** Something that is wrong now, and how it ends. */
interface Fault {
  readonly endsAtMs: number;
  readonly end: () => Promise<void> | void;
}

/** Makes things go wrong, and right again after a while. Everything follows from `random`. */
export class Faults {
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #allowed: readonly FaultKind[];
  readonly #watch: MembershipWatch;
  readonly #disks: DiskWatch;
  readonly #ledger: Ledger;
  /** Servers that are down, paused or stopping are left alone until that is over. */
  readonly #busy = new Set<SimulatedServer>();
  #faults: Fault[] = [];
  /** How often each kind was made. */
  readonly made = new Map<FaultKind, number>();

  constructor(
    simulation: Simulation,
    { random, allowed, watch, disks, ledger }: {
      random: Random;
      allowed: readonly FaultKind[];
      watch: MembershipWatch;
      disks: DiskWatch;
      ledger: Ledger;
    },
  ) {
    this.#disks = disks;
    this.#ledger = ledger;
    this.#simulation = simulation;
    this.#random = random;
    this.#allowed = allowed;
    this.#watch = watch;
  }

  /** When the next fault ends, in virtual milliseconds; Infinity when nothing is wrong. */
  get nextEndMs(): number {
    return Math.min(Infinity, ...this.#faults.map(({ endsAtMs }) => endsAtMs));
  }

  /** Ends what is due. */
  async endDue(): Promise<void> {
    const nowMs = this.#simulation.clock.monotonicMs();
    const due = this.#faults.filter(({ endsAtMs }) => endsAtMs <= nowMs);
    this.#faults = this.#faults.filter(({ endsAtMs }) => endsAtMs > nowMs);
    for (const { end } of due) await end();
  }

  /** Makes one more thing go wrong. */
  make(): void {
    if (this.#allowed.length === 0) return;
    const kind = this.#pick(this.#allowed);
    this.made.set(kind, (this.made.get(kind) ?? 0) + 1);
    this.#simulation.log.line("fault", "info", kind);
    this.#make(kind);
  }

  /** Mends the network, sets clocks right, wakes whoever is paused, starts whoever is down. */
  async healAll(): Promise<void> {
    const { weather, servers, clock } = this.#simulation;
    weather.heal();
    for (const server of servers) {
      server.skewMs = 0;
      server.store.weather.full = false;
      server.store.weather.commitMs = () => 1;
    }
    // A server that is stopping comes back when it is done.
    for (let waitedMs = 0; this.#faults.length > 0 || this.#busy.size > 0; waitedMs += STOP_LOOK_MS) {
      if (waitedMs > STOP_MS_MAX) throw new Error(`A server does not stop within ${STOP_MS_MAX} ms`);
      const faults = this.#faults;
      this.#faults = [];
      for (const { end } of faults) await end();
      await clock.run(STOP_LOOK_MS);
    }
    weather.heal();
  }

  #make(kind: FaultKind): void {
    switch (kind) {
      case "split":
        return this.#split();
      case "isolate":
        return this.#isolate({ oneWay: false });
      case "one_way":
        return this.#isolate({ oneWay: true });
      case "cut_link":
        return this.#cutLink();
      case "lossy_link":
        return this.#spoilLinks({ loss: 0.1 + 0.6 * this.#random.float() });
      case "slow_link":
        return this.#spoilLinks({
          delayMs: 100 + this.#random.below(400),
          jitterMs: this.#random.below(300),
          bytesPerSecond: 2_000 + this.#random.below(50_000),
        });
      case "clog":
        return this.#clog();
      case "kill_process":
      case "kill_machine":
        return this.#kill(this.#free(), kind === "kill_machine" ? "machine" : "process");
      case "kill_half":
        for (const server of this.#someFree(Math.floor(this.#simulation.servers.length / 2))) {
          this.#kill(server, this.#random.below(2) === 0 ? "machine" : "process");
        }
        return;
      case "stop":
        return this.#stop(this.#free(), { move: false });
      case "move":
        return this.#stop(this.#free(), { move: true });
      case "pause":
        return this.#pause(this.#free());
      case "clock":
        return this.#setClock();
      case "slow_disk":
      case "full_disk":
        return this.#troubleDisk(kind);
      case "far_clock":
        return this.#setFarClock();
      case "forget":
        return this.#forget(this.#free());
      case "rollback":
        return this.#rollBack(this.#free());
    }
  }

  #split(): void {
    const order = shuffled(this.#simulation.servers, this.#random);
    const first = order.slice(0, 1 + this.#random.below(order.length - 1));
    this.#cut(order.flatMap((a) => order.filter((b) => first.includes(a) !== first.includes(b)).map((b) => [a, b])));
  }

  #isolate({ oneWay }: { oneWay: boolean }): void {
    const victim = this.#pick(this.#simulation.servers);
    const others = this.#simulation.servers.filter((server) => server !== victim);
    const [out, into] = oneWay ? this.#pick([[true, false], [false, true]]) : [true, true];
    this.#cut([
      ...(out ? others.map((other) => [victim, other]) : []),
      ...(into ? others.map((other) => [other, victim]) : []),
    ]);
  }

  #cutLink(): void {
    const [a, b] = shuffled(this.#simulation.servers, this.#random);
    this.#cut(this.#random.below(2) === 0 ? [[a, b]] : [[a, b], [b, a]]);
  }

  #cut(links: ReadonlyArray<readonly SimulatedServer[]>): void {
    const { weather } = this.#simulation;
    for (const [from, to] of links) weather.cut(from.index, to.index);
    this.#lasts(() => {
      for (const [from, to] of links) weather.mend(from.index, to.index);
    });
  }

  #spoilLinks(change: Partial<LinkCondition>): void {
    const { weather, servers } = this.#simulation;
    const condition = { ...weather.usual, ...change };
    const victim = this.#pick(servers);
    const links: Array<[number, number]> = [];
    for (const { index } of servers) {
      if (index === victim.index || this.#random.below(2) === 0) continue;
      links.push([victim.index, index], [index, victim.index]);
    }
    this.#lasts(weather.spoil(links, condition));
  }

  #clog(): void {
    const [a, b] = shuffled(this.#simulation.servers, this.#random);
    this.#simulation.weather.clog(a.index, b.index, this.#durationMs());
  }

  #kill(server: SimulatedServer | undefined, what: "machine" | "process"): void {
    if (server === undefined) return;
    // Whether what was under way has reached the disk is for the disk to know.
    const synced = this.#random.below(server.store.unsyncedCount + 1);
    this.#simulation.crash(server, what, { synced });
    this.#restartLater(server);
  }

  #stop(server: SimulatedServer | undefined, { move }: { move: boolean }): void {
    // The first one stays where it is: somebody has to be found where the others look for it.
    if (server === undefined || (move && server.index === 0)) return;
    this.#busy.add(server);
    void this.#simulation.stopping(server).then(() => {
      if (move) this.#simulation.move(server);
      this.#restartLater(server);
    });
  }

  #restartLater(server: SimulatedServer): void {
    this.#busy.add(server);
    const restart = async () => {
      await this.#simulation.start(server);
      this.#busy.delete(server);
    };
    this.#lasts(restart, this.#random.float() < RESTART_AT_ONCE_SHARE ? this.#random.below(1_000) : undefined);
  }

  #pause(server: SimulatedServer | undefined): void {
    if (server === undefined) return;
    this.#busy.add(server);
    server.gate.pause();
    const timersFirst = this.#random.below(2) === 0;
    this.#lasts(() => {
      server.gate.wake({ timersFirst });
      this.#watch.woke(server);
      this.#busy.delete(server);
    });
  }

  #setClock(): void {
    const server = this.#pick(this.#simulation.servers);
    server.skewMs = (2 * this.#random.float() - 1) * SKEW_MS_MAX;
    if (this.#random.below(2) === 0) this.#lasts(() => void (server.skewMs = 0));
  }

  #setFarClock(): void {
    const server = this.#pick(this.#simulation.servers);
    server.skewMs = FAR_SKEW_MS;
    this.#lasts(() => void (server.skewMs = 0), this.#random.below(FAR_LASTS_MS_MAX));
  }

  /** A server is away, is removed from the cluster, and comes back with all its data. */
  #forget(server: SimulatedServer | undefined): void {
    if (server === undefined || !this.#disks.isWhole) return;
    const { nodeId } = server;
    this.#simulation.crash(server, "machine", { synced: server.store.unsyncedCount });
    this.#busy.add(server);
    this.#lasts(() => {
      // One on an older disk might remove the last who could tell it, or has what it lost: then nobody knows any more.
      const forgotten = !this.#disks.isRolledBack && !this.#disks.isLastWithLost(server) &&
        this.#simulation.running.some(({ node, gate }) => !gate.isPaused && node!.forget(nodeId) === "forgotten");
      if (forgotten) this.#disks.forgotten(server);
      this.#restartLater(server);
    }, AWAY_MS_MIN + this.#random.below(LASTS_MS_MAX));
  }

  /** A server comes back on a copy of its disk that was made a while ago. */
  #rollBack(server: SimulatedServer | undefined): void {
    if (server === undefined || !this.#disks.isWhole) return;
    const rows = server.store.rows();
    const { nodeId } = server;
    this.#lasts(() => {
      const isSame = server.nodeId === nodeId && server.node !== undefined && !this.#busy.has(server);
      if (!isSame || !this.#disks.isWhole) return;
      this.#simulation.crash(server, "machine", { synced: server.store.unsyncedCount });
      this.#simulation.replaceDisk(server, rows);
      this.#ledger.lostDisk(server, this.#simulation.servers.filter((other) => other !== server));
      this.#disks.replaced(server, rows);
      this.#restartLater(server);
    });
  }

  #troubleDisk(kind: "slow_disk" | "full_disk"): void {
    const server = this.#pick(this.#simulation.servers);
    const { weather } = server.store;
    if (kind === "full_disk") weather.full = true;
    else weather.commitMs = () => this.#random.float() * SLOW_COMMIT_MS_MAX;
    this.#lasts(() => {
      weather.full = false;
      weather.commitMs = () => 1;
    });
  }

  #lasts(end: Fault["end"], durationMs = this.#durationMs()): void {
    this.#faults.push({ endsAtMs: this.#simulation.clock.monotonicMs() + durationMs, end });
  }

  /** Short ones are more frequent: most of the time they are what hits a protocol in between. */
  #durationMs(): number {
    return LASTS_MS_MIN * (LASTS_MS_MAX / LASTS_MS_MIN) ** this.#random.float();
  }

  #free(): SimulatedServer | undefined {
    return this.#someFree(1)[0];
  }

  #someFree(count: number): SimulatedServer[] {
    const free = this.#simulation.running.filter((server) => !this.#busy.has(server));
    return shuffled(free, this.#random).slice(0, count);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)];
  }
}
