import type { Random } from "../../src/base/mod.ts";
import type { Fate, MemoryNetwork } from "../../src/transport/mod.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** What one direction of one link does to what it carries. */
export interface LinkCondition {
  /** Share of packets and segments lost, 0 to 1. */
  readonly loss: number;
  /** Least time on the way, in milliseconds. */
  readonly delayMs: number;
  /** Up to so many milliseconds more, drawn anew each time: what is above the gap between two packets reorders them. */
  readonly jitterMs: number;
  /** Share of packets that arrive twice. */
  readonly duplicates: number;
  /** Bytes a second that fit through; undefined: more than anybody sends. */
  readonly bytesPerSecond?: number;
}

/** A link on which nothing goes wrong. */
export const FINE_LINK: LinkCondition = { loss: 0, delayMs: 10, jitterMs: 0, duplicates: 0 };

/** Slower than this in one direction is no perfect link: deadlines of a server that just started may pass. */
const PERFECT_MS_MAX = 50;

/** Bytes that a slow link's router queues; what comes on top is lost. */
const ROUTER_QUEUE_BYTES_MAX = 64 * 1024;

/** A packet's copy comes so much later at most, in milliseconds. */
const COPY_LATER_MS_MAX = 50;

interface Link {
  condition: LinkCondition;
  /** Faults that cut it; it works when there is none. */
  cuts: number;
  /** Nothing comes out before this time. */
  cloggedUntilMs: number;
  /** When a slow link has sent all that it was given. */
  freeAtMs: number;
  perfectSinceMs: number;
}

/** The condition of every link, each direction on its own. Servers are numbers; addresses may change. */
export class Weather {
  readonly #links = new Map<number, Link>();
  readonly #indexes = new Map<string, number>();
  readonly #addresses: string[] = [];
  readonly #network: MemoryNetwork;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  #usual: LinkCondition;
  /** Streams carry nothing at all: to measure what packets alone do. */
  streamsBlocked = false;

  constructor(
    { network, clock, random, usual }: {
      network: MemoryNetwork;
      clock: VirtualClock;
      random: Random;
      usual: LinkCondition;
    },
  ) {
    this.#network = network;
    this.#clock = clock;
    this.#random = random;
    this.#usual = usual;
    network.fate = (from, to, channel, bytes) => this.#fate(from, to, channel, bytes);
  }

  /** Server `index` is at `address` from now on. */
  place(index: number, address: string): void {
    this.#indexes.set(address, index);
    this.#addresses[index] = address;
    this.#cutAgain();
  }

  /** What links do unless told otherwise. */
  get usual(): LinkCondition {
    return this.#usual;
  }

  /** Changes every link, now and later. */
  setUsual(condition: LinkCondition): void {
    this.#usual = condition;
    for (const link of this.#links.values()) this.#change(link, () => link.condition = condition);
  }

  /** Changes one direction of a link; `undefined` is the usual condition. */
  set(from: number, to: number, condition: LinkCondition | undefined): void {
    const link = this.#link(from, to);
    this.#change(link, () => link.condition = condition ?? this.#usual);
  }

  /** Changes several directions, each given as from and to; the answer makes them usual again. */
  spoil(links: ReadonlyArray<readonly [number, number]>, condition: LinkCondition): () => void {
    for (const [from, to] of links) this.set(from, to, condition);
    return () => {
      for (const [from, to] of links) this.set(from, to, undefined);
    };
  }

  /** Nothing comes out of this direction until `durationMs` from now; then all of it does. */
  clog(from: number, to: number, durationMs: number): void {
    const link = this.#link(from, to);
    this.#change(link, () => link.cloggedUntilMs = this.#clock.monotonicMs() + durationMs);
  }

  /** Cuts one direction. Streams fall silent, they are not closed. */
  cut(from: number, to: number): void {
    this.#link(from, to).cuts++;
    this.#cutAgain();
  }

  /** Takes back one {@link cut}; the direction works again when it was the last. */
  mend(from: number, to: number): void {
    const link = this.#link(from, to);
    this.#change(link, () => link.cuts = Math.max(0, link.cuts - 1));
    this.#cutAgain();
  }

  /** Every link is fine from now on. */
  heal(): void {
    for (const link of this.#links.values()) {
      this.#change(link, () => {
        link.cuts = 0;
        link.cloggedUntilMs = -Infinity;
      });
    }
    this.setUsual(FINE_LINK);
    this.#cutAgain();
  }

  /** Since when nothing went wrong in either direction between the two, in virtual milliseconds; Infinity: it does now. */
  perfectSinceMs(a: number, b: number): number {
    return Math.max(this.#perfectSinceMs(a, b), this.#perfectSinceMs(b, a));
  }

  #perfectSinceMs(from: number, to: number): number {
    const link = this.#link(from, to);
    // A clog ends by itself.
    return isPerfect(link) ? Math.max(link.perfectSinceMs, link.cloggedUntilMs) : Infinity;
  }

  #link(from: number, to: number): Link {
    const key = from * SERVERS_MAX + to;
    let link = this.#links.get(key);
    if (link === undefined) {
      link = { condition: this.#usual, cuts: 0, cloggedUntilMs: -Infinity, freeAtMs: 0, perfectSinceMs: -Infinity };
      this.#links.set(key, link);
    }
    return link;
  }

  #change(link: Link, change: () => void): void {
    const before = isPerfect(link);
    change();
    if (!before && isPerfect(link)) link.perfectSinceMs = this.#clock.monotonicMs();
  }

  #cutAgain(): void {
    this.#network.heal();
    for (const [key, { cuts }] of this.#links) {
      if (cuts === 0) continue;
      const from = this.#addresses[Math.floor(key / SERVERS_MAX)], to = this.#addresses[key % SERVERS_MAX];
      if (from !== undefined && to !== undefined) this.#network.sever(from, to, { oneWay: true });
    }
  }

  #fate(fromAddress: string, toAddress: string, channel: "packet" | "stream", bytes: number): Fate {
    const from = this.#indexes.get(fromAddress), to = this.#indexes.get(toAddress);
    if (channel === "stream" && this.streamsBlocked) return { delaysMs: [BLOCKED_MS] };
    if (from === undefined || to === undefined) return { delaysMs: [this.#usual.delayMs] };
    const link = this.#link(from, to);
    const { loss, duplicates } = link.condition;
    if (loss > 0 && this.#random.float() < loss) return LOST;
    const nowMs = this.#clock.monotonicMs();
    const waitMs = Math.max(0, link.cloggedUntilMs - nowMs) + this.#queueMs(link, bytes, channel);
    if (waitMs === Infinity) return LOST;
    const delayMs = waitMs + this.#delayMs(link.condition);
    if (channel === "stream" || duplicates === 0 || this.#random.float() >= duplicates) return { delaysMs: [delayMs] };
    return { delaysMs: [delayMs, delayMs + this.#random.float() * COPY_LATER_MS_MAX] };
  }

  #delayMs({ delayMs, jitterMs }: LinkCondition): number {
    return jitterMs === 0 ? delayMs : delayMs + this.#random.float() * jitterMs;
  }

  /** How long bytes wait before a slow link takes them; Infinity when its queue is full. */
  #queueMs(link: Link, bytes: number, channel: "packet" | "stream"): number {
    const { bytesPerSecond } = link.condition;
    if (bytesPerSecond === undefined) return 0;
    const nowMs = this.#clock.monotonicMs();
    const queuedMs = Math.max(0, link.freeAtMs - nowMs);
    if (channel === "packet" && queuedMs * bytesPerSecond / 1_000 > ROUTER_QUEUE_BYTES_MAX) return Infinity;
    link.freeAtMs = nowMs + queuedMs + bytes / bytesPerSecond * 1_000;
    return link.freeAtMs - nowMs;
  }
}

const LOST: Fate = { delaysMs: [] };

/** What comes so late, in milliseconds, helps nobody: dials give up after 10 s. */
const BLOCKED_MS = 60_000;

/** Servers of one simulation at most: what two numbers of theirs make one key with. */
const SERVERS_MAX = 4_096;

function isPerfect({ condition, cuts }: Link): boolean {
  const { loss, delayMs, jitterMs, bytesPerSecond } = condition;
  return cuts === 0 && loss === 0 && delayMs + jitterMs <= PERFECT_MS_MAX && bytesPerSecond === undefined;
}
