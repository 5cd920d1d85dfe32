import type { CancelTimer } from "../base/mod.ts";
import type { RecordKey } from "../reconciliation/mod.ts";
import { type RecordKind, type Stamp, stampMs, type Version } from "../records/mod.ts";
import { Copies } from "./copies.ts";
import type { DataSet } from "./data_set.ts";
import type { Event } from "./effect.ts";
import type { WriteOptions, WriteOutcome } from "./outcome.ts";
import type { Replica } from "./replica.ts";
import type { Roster } from "./roster.ts";
import { clockProblem, FirstWrites } from "./write_clock.ts";

type WriteEvent = Extract<Event, { kind: "write" }>;

/** What the writes need of the server around them. */
export interface WritesPort {
  wallMs(): number;
  /** Milliseconds since this server started. */
  sinceStartMs(): number;
  after(delayMs: number, callback: () => void): CancelTimer;
  isJoining(): boolean;
  /** The greatest stamp that was given or seen. */
  lastStamp(): Stamp;
  /** How far the horizon is ahead of all stamps to come, in milliseconds; undefined when it is not. */
  horizonAheadMs(): number | undefined;
  answer(token: number, outcome: WriteOutcome): void;
  version(kind: RecordKind, id: string): Version | undefined;
  /** Sends committed records to everybody. */
  push(keys: readonly RecordKey[], token: number): void;
}

/** Takes the writes of this server's own users: says which may be made now, and how many servers hold one when it is answered. */
export class Writes {
  readonly #copies: Copies;
  readonly #first: FirstWrites<WriteEvent>;
  readonly #options = new Map<number, WriteOptions>();
  #stopping = false;

  constructor(
    private readonly dataSet: DataSet,
    private readonly replica: Replica,
    private readonly roster: Roster,
    private readonly port: WritesPort,
  ) {
    this.#copies = new Copies(port.after);
    this.#first = new FirstWrites(() => {
      const { offsetsMs, others } = roster.clockOffsets();
      return { sinceStartMs: port.sinceStartMs(), others, known: offsetsMs.length };
    });
  }

  /** Why no write is taken for the state of the clocks; undefined when that is well. */
  get clockProblem(): string | undefined {
    const aheadMs = this.port.horizonAheadMs();
    if (aheadMs !== undefined) {
      return `A server's clock was ${Math.ceil(aheadMs / 1_000)} s ahead when it was alone, and all that the ` +
        "cluster deleted counts up to there: writes are taken again when time has caught up";
    }
    const { offsetsMs } = this.roster.clockOffsets();
    return clockProblem({
      aheadMs: stampMs(this.port.lastStamp()) - this.port.wallMs(),
      offsetsMs,
      serverCount: offsetsMs.length + 1,
    });
  }

  /** Makes a write, or holds it until this server's clock was compared with others. */
  take(event: WriteEvent): void {
    const isHeld = event.newLineage === undefined && this.dataSet.lineage !== undefined && !this.#stopping &&
      this.#first.holds(event);
    if (isHeld === false) return this.#make(event);
    if (isHeld === true) return;
    this.port.answer(event.token, {
      kind: "unavailable",
      reason: "The server has just started: try again in a second",
    });
  }

  /** Makes the writes that were held. @param options `anyway`: although no clock is known */
  takeHeld({ anyway }: { anyway: boolean }): void {
    for (const event of this.#first.take({ anyway })) this.#make(event);
  }

  /** No further write is taken; what is committed is answered with the copies that there are. */
  stop(): void {
    this.#stopping = true;
    this.takeHeld({ anyway: true });
    this.#copies.finishAll();
  }

  /** The write `token` is on disk. */
  committed(token: number, keys: readonly RecordKey[]): void {
    const version = keys.length === 0 ? undefined : this.port.version(...keys[0]);
    this.dataSet.endSetUp(token, { committed: true });
    const options = this.#options.get(token) ?? {};
    this.#options.delete(token);
    this.#copies.wait(token, {
      live: this.roster.targets().length + 1,
      members: this.roster.holderCount,
      options,
      done: (result) => this.port.answer(token, { kind: "committed", ...result, version }),
    });
    this.port.push(keys, token);
  }

  /** The write `token` changed nothing. */
  refused(token: number, outcome: WriteOutcome): void {
    this.#options.delete(token);
    this.dataSet.endSetUp(token, { committed: false });
    this.port.answer(token, outcome);
  }

  /** The server `id` has committed the write, too. */
  copied(token: number, id: string): void {
    this.#copies.add(token, id);
  }

  #make({ token, writes, options, newLineage }: WriteEvent): void {
    const reason = newLineage === undefined ? this.#whyNotWrite() : this.#whyNotSetUp();
    if (reason !== undefined) return this.port.answer(token, { kind: "unavailable", reason });
    if (newLineage !== undefined) this.dataSet.beginSetUp(token, newLineage);
    this.#options.set(token, options);
    this.replica.write(token, writes, newLineage);
  }

  #whyNotWrite(): string | undefined {
    if (this.#stopping) return "The server is stopping";
    if (this.dataSet.lineage === undefined) return "The server is not set up";
    return this.clockProblem;
  }

  #whyNotSetUp(): string | undefined {
    if (this.#stopping) return "The server is stopping";
    if (this.port.isJoining()) return "The server is joining its cluster";
    return this.dataSet.isFree ? undefined : "The server is already set up";
  }
}
