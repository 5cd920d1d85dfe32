import type { CancelTimer, Clock } from "../base/mod.ts";

/** Calls `run` soon after {@link Throttle.request}, but never twice within `intervalMs`. */
export class Throttle {
  #cancel: CancelTimer | undefined;
  #lastMs = -Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly intervalMs: number,
    private readonly run: () => void,
  ) {}

  request(): void {
    if (this.#cancel !== undefined) return;
    const delayMs = Math.max(0, this.#lastMs + this.intervalMs - this.clock.monotonicMs());
    this.#cancel = this.clock.after(delayMs, () => {
      this.#cancel = undefined;
      this.#lastMs = this.clock.monotonicMs();
      this.run();
    });
  }

  /** Forgets a request that has not run yet. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
