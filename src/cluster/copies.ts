import type { CancelTimer } from "../base/mod.ts";
import type { WriteOptions } from "./outcome.ts";

interface Waiting {
  readonly holders: Set<string>;
  readonly needed: number;
  readonly members: number;
  readonly done: (result: { copies: number; members: number }) => void;
  readonly cancel: CancelTimer;
}

/** Counts which servers hold a committed write, for those that want to wait for it. */
export class Copies {
  readonly #waiting = new Map<number, Waiting>();

  constructor(private readonly after: (delayMs: number, callback: () => void) => CancelTimer) {}

  /**
   * Calls `done` when enough servers (this one included) hold the write `token`, or time is up. Of the `members` remembered
   * only the `live` ones are waited for.
   */
  wait(
    token: number,
    { live, members, options, done }: { live: number; members: number; options: WriteOptions; done: Waiting["done"] },
  ): void {
    const { copies = 1, waitMs = 0 } = options;
    const wanted = copies === "all" ? live : copies === "majority" ? Math.floor(members / 2) + 1 : copies;
    const needed = Math.min(wanted, live);
    if (needed <= 1 || waitMs <= 0) return done({ copies: 1, members });
    const cancel = this.after(waitMs, () => this.#finish(token));
    this.#waiting.set(token, { holders: new Set(), needed, members, done, cancel });
  }

  /** The server `id` has committed the write. */
  add(token: number, id: string): void {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return;
    waiting.holders.add(id);
    if (waiting.holders.size + 1 >= waiting.needed) this.#finish(token);
  }

  /** The server stops: what is committed is answered so, with the copies that there are. */
  finishAll(): void {
    for (const token of [...this.#waiting.keys()]) this.#finish(token);
  }

  #finish(token: number): void {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return;
    waiting.cancel();
    this.#waiting.delete(token);
    waiting.done({ copies: waiting.holders.size + 1, members: waiting.members });
  }
}
