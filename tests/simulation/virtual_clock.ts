import type { CancelTimer, Clock } from "../../src/base/mod.ts";

interface Planned {
  readonly atMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Longest chain of promises that one event sets off: a dial, a commit, an answer to a writer. */
const PROMISE_CHAIN_MAX = 16;

/** Lets what waits on promises run on, until only timers are left. Much cheaper than a turn of the event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < PROMISE_CHAIN_MAX; turn++) await null;
}

/** Wall clock at virtual time 0: any day, as long as it is always the same. */
const EPOCH_MS = 1_750_000_000_000;

/** Time that only moves when the simulation runs; planned calls happen in time order, equal ones in planning order. */
export class VirtualClock implements Clock {
  readonly #heap: Planned[] = [];
  #nowMs = 0;
  #order = 0;

  wallMs(): number {
    return EPOCH_MS + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const planned: Planned = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#push(planned);
    return () => {
      planned.callback = undefined;
    };
  }

  /** A view of this clock for one machine whose wall clock is `skewMs` off. */
  skewed(skew: () => number): Clock {
    return {
      wallMs: () => this.wallMs() + skew(),
      monotonicMs: () => this.monotonicMs(),
      after: (delayMs, callback) => this.after(delayMs, callback),
    };
  }

  /** A promise that resolves after `delayMs` of virtual time. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Runs everything that is due within `durationMs`, then stands at its end. */
  async run(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    await settled();
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#pop();
      if (next.callback === undefined) continue;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      await settled();
    }
    this.#nowMs = endMs;
    await settled();
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(planned);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(planned, heap[parent])) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = planned;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order;
}
