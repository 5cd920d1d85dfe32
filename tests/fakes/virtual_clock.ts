import type { CancelTimer, Clock } from "../../src/base/mod.ts";

/** A clock that stands still until it is moved. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #timers: Array<{ atMs: number; callback: () => void }> = [];

  constructor(startMs = Date.UTC(2026, 0, 5, 12)) {
    this.#nowMs = startMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves the time and runs what became due, in order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    while (true) {
      const due = this.#timers.filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
    }
    this.#nowMs = untilMs;
  }

  get timers(): number {
    return this.#timers.length;
  }
}
