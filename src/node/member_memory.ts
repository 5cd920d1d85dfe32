import type { CancelTimer, Clock } from "../base/mod.ts";
import type { Effect, NodeId, RememberedMember } from "../cluster/mod.ts";
import type { Mutation } from "../storage/mod.ts";
import { memberRows } from "./rows.ts";
import { Throttle } from "./throttle.ts";

/**
 * Members are written to disk at most so often, in milliseconds: they change in bursts, but who is new is not told before that who the
 * members are.
 */
const INTERVAL_MS = 100;
/** A disk that refuses is tried again after so long, in milliseconds. */
const RETRY_MS = 5_000;
/** Members in one commit: a large cluster has more than one atomic write of the store holds. */
const ROWS_MAX = 400;

/** What the memory needs of the node. */
export interface MemberMemoryPort {
  /** Never rejects; false: the disk refused. */
  commit(rows: readonly Mutation[]): Promise<boolean>;
  /** All that was to be remembered up to the order `number` is on disk. */
  remembered(number: number): void;
}

/** Puts the members on disk, soon after they changed. What the disk refuses is tried again. */
export class MemberMemory {
  readonly #changed = new Map<NodeId, RememberedMember>();
  readonly #throttle: Throttle;
  #lastNumber = 0;
  #writing = Promise.resolve();
  #cancelRetry: CancelTimer | undefined;
  #stopped = false;

  constructor(private readonly clock: Clock, private readonly port: MemberMemoryPort) {
    this.#throttle = new Throttle(clock, INTERVAL_MS, () => void this.flush());
  }

  remember({ number, members }: Extract<Effect, { kind: "remember" }>): void {
    for (const member of members) this.#changed.set(member.id, member);
    this.#lastNumber = number;
    this.#throttle.request();
  }

  /** Writes what has changed now. Never rejects. */
  flush(): Promise<void> {
    return this.#writing = this.#writing.then(() => this.#write()); // One after the other: the last one to end speaks for all.
  }

  /** Plans nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#throttle.stop();
    this.#cancelRetry?.();
  }

  async #write(): Promise<void> {
    const number = this.#lastNumber;
    const members = [...this.#changed.values()];
    this.#changed.clear();
    const rows = memberRows(members);
    for (let at = 0; at < rows.length; at += ROWS_MAX) {
      if (!await this.port.commit(rows.slice(at, at + ROWS_MAX))) return this.#refused(members);
    }
    this.port.remembered(number);
  }

  #refused(members: readonly RememberedMember[]): void {
    for (const member of members) if (!this.#changed.has(member.id)) this.#changed.set(member.id, member);
    if (this.#stopped) return;
    this.#cancelRetry ??= this.clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      void this.flush();
    });
  }
}
