import type { Clock } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import { ApiError } from "./api_error.ts";

/** Readers that wait at once, each with a request of its own: as many as event streams. */
export const WAITING_MAX = 1_000;

interface Waiting {
  /** Looks again; true when there is nothing to wait for any more. */
  isOver(): boolean;
  refuse(error: ApiError): void;
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

  /**
   * The first thing that `look` finds, now or within `waitMs`; undefined when there is none, or `signal` says that nobody reads the
   * answer any more. What `look` throws ends the waiting.
   *
   * @throws {ApiError} 503 when too many wait, or the server stops: nobody knows whether it will come
   */
  async wait<T>(
    look: () => T | undefined,
    { waitMs, signal }: { waitMs: number; signal: AbortSignal },
  ): Promise<T | undefined> {
    const found = look();
    if (found !== undefined || waitMs <= 0 || signal.aborted) return found;
    if (this.#closed) throw stopping();
    if (this.#waiting.size >= WAITING_MAX) {
      throw new ApiError(503, "Too many readers wait", { retryAfterSeconds: 1 });
    }
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    const waiting: Waiting = {
      isOver: () => {
        try {
          const found = look();
          if (found !== undefined) resolve(found);
          return found !== undefined;
        } catch (error) {
          reject(error);
          return true;
        }
      },
      refuse: reject,
    };
    this.#waiting.add(waiting);
    this.#unsubscribe ??= this.#node.onChange(() => this.#plan());
    const cancel = this.#clock.after(waitMs, () => resolve(undefined));
    const gone = () => resolve(undefined);
    signal.addEventListener("abort", gone);
    try {
      return await promise;
    } finally {
      cancel();
      signal.removeEventListener("abort", gone);
      this.#leave(waiting);
    }
  }

  /** Lets everybody go: a stopping server does not wait for its readers. */
  close(): void {
    this.#closed = true;
    for (const waiting of [...this.#waiting]) waiting.refuse(stopping());
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

function stopping(): ApiError {
  return new ApiError(503, "The server is stopping", { retryAfterSeconds: 2 });
}
