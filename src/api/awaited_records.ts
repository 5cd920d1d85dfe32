import type { Clock } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";

/** Readers that wait at once, each with a request of its own: as many as event streams. Whoever comes later is answered at once. */
export const WAITING_MAX = 1_000;

interface Waiting {
  /** Looks again; true when there is nothing to wait for any more. */
  isOver(): boolean;
}

/** Readers of what is not here yet: another server may have just acknowledged it. */
export class AwaitedRecords {
  readonly #node: Pick<Node, "onChange">;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #unsubscribe: (() => void) | undefined;
  #planned = false;
  #closed = false;

  constructor({ node, clock }: { node: Pick<Node, "onChange">; clock: Clock }) {
    this.#node = node;
    this.#clock = clock;
  }

  /** The first thing that `look` finds, now or within `waitMs`; undefined when there is none. What it throws ends the waiting. */
  async wait<T>(look: () => T | undefined, waitMs: number): Promise<T | undefined> {
    const found = look();
    if (found !== undefined || waitMs <= 0 || this.#closed || this.#waiting.size >= WAITING_MAX) return found;
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    const waiting: Waiting = {
      isOver: () => {
        try {
          const found = this.#closed ? undefined : look();
          if (found !== undefined || this.#closed) resolve(found);
          return found !== undefined || this.#closed;
        } catch (error) {
          reject(error);
          return true;
        }
      },
    };
    this.#waiting.add(waiting);
    this.#unsubscribe ??= this.#node.onChange(() => this.#plan());
    const cancel = this.#clock.after(waitMs, () => resolve(undefined));
    try {
      return await promise;
    } finally {
      cancel();
      this.#leave(waiting);
    }
  }

  /** Lets everybody go: a stopping server does not wait for its readers. */
  close(): void {
    this.#closed = true;
    this.#lookAgain();
  }

  /** Changes come in bursts: all look once after each. */
  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => this.#lookAgain());
  }

  #lookAgain(): void {
    this.#planned = false;
    for (const waiting of [...this.#waiting]) if (waiting.isOver()) this.#leave(waiting);
  }

  #leave(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    if (this.#waiting.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}
