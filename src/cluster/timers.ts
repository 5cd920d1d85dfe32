import type { CancelTimer } from "../base/mod.ts";

interface Timer {
  readonly atMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Planned calls in time order (a binary heap); among equal times the first planned runs first, so that runs repeat. */
export class Timers {
  readonly #heap: Timer[] = [];
  #order = 0;

  /** When the next call is due, in monotonic milliseconds; undefined when none is planned. */
  get nextMs(): number | undefined {
    while (this.#heap.length > 0 && this.#heap[0].callback === undefined) this.#pop();
    return this.#heap[0]?.atMs;
  }

  at(atMs: number, callback: () => void): CancelTimer {
    const timer: Timer = { atMs, order: this.#order++, callback };
    this.#push(timer);
    return () => {
      timer.callback = undefined; // Left in the heap until its time comes.
    };
  }

  /** Runs what was due at `nowMs` when the call began; what that plans for now waits for the next call. */
  run(nowMs: number): void {
    const before = this.#order;
    for (;;) {
      const atMs = this.nextMs;
      if (atMs === undefined || atMs > nowMs || this.#heap[0].order >= before) return;
      const { callback } = this.#pop();
      callback!();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(timer);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(timer, heap[parent])) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = timer;
  }

  #pop(): Timer {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return top;
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
    return top;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order;
}
