import type { CancelTimer, Clock } from "../../src/base/mod.ts";

interface Planned {
  readonly atMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Longest chain of promises that one event sets off: a dial, a commit, an answer to a writer. */
const PROMISE_CHAIN_MAX = 24;

/** Lets what waits on promises run on, until only timers are left. Much cheaper than a turn of the event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < PROMISE_CHAIN_MAX; turn++) await null;
}

/** Calls in one instant of time at most; more are a loop that plans itself anew and never lets time go on. */
const CALLS_IN_AN_INSTANT_MAX = 100_000;

/** Steps of time in a millisecond. A power of two: sums and differences of times stay exact. */
const STEPS_PER_MS = 1_024;

/** Wall clock at virtual time 0: any day, as long as it is always the same. */
const EPOCH_MS = 1_750_000_000_000;

/**
 * Time that only moves when the simulation runs; planned calls happen in time order, equal ones in planning order.
 * Nearly all of them touch no promise, so time stops for promises only where one was settled: whoever settles one
 * calls {@link settleSoon}.
 */
export class VirtualClock implements Clock {
  readonly #heap: Planned[] = [];
  #nowMs = 0;
  #order = 0;
  #settles = 0;
  #watches = 0;
  #settling = false;

  wallMs(): number {
    return EPOCH_MS + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Planned calls that have neither run nor been cancelled. */
  get plannedCount(): number {
    return this.#heap.reduce((count, { callback }) => count + Number(callback !== undefined), 0);
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const atMs = Math.ceil((this.#nowMs + Math.max(0, delayMs)) * STEPS_PER_MS) / STEPS_PER_MS;
    const planned: Planned = { atMs, order: this.#order++, callback };
    this.#push(planned);
    return () => {
      planned.callback = undefined;
    };
  }

  /** A promise that resolves after `delayMs` of virtual time. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) =>
      this.after(delayMs, () => {
        resolve();
        this.settleSoon();
      })
    );
  }

  /** A promise was settled by the event that runs: what waits for it runs before time goes on. */
  settleSoon(): void {
    this.#settling = true;
  }

  /** Settles promises after every event until the answer is called: for code that waits in ways we do not see. */
  settleAlways(): () => void {
    this.#settles++;
    return () => {
      this.#settles--;
    };
  }

  /**
   * Looks after every event, until the answer is called, whether a promise with a `then` of the simulator's own was
   * settled; that `then` calls {@link settleSoon}. For promises that code we do not see settles.
   */
  watch(): () => void {
    this.#watches++;
    return () => {
      this.#watches--;
    };
  }

  /** Runs everything that is due within `durationMs`, then stands at its end. */
  async run(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    let calls = 0;
    await settled();
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#pop();
      if (next.callback === undefined) continue;
      if (next.atMs > this.#nowMs) {
        this.#nowMs = next.atMs;
        calls = 0;
      } else if (++calls > CALLS_IN_AN_INSTANT_MAX) {
        throw new Error(
          `Time stands still at ${this.#nowMs} ms: more than ${CALLS_IN_AN_INSTANT_MAX} calls in one instant`,
        );
      }
      next.callback();
      if (this.#watches > 0) await null;
      if (!this.#settling && this.#settles === 0) continue;
      this.#settling = false;
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
