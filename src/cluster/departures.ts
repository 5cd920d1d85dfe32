import type { Reading, RecordKind } from "../records/mod.ts";

/** A record that nobody needs any more once the horizon has passed `due`. */
export interface Departure {
  readonly due: Reading;
  readonly kind: RecordKind;
  readonly id: string;
}

/**
 * Tombstones and what expires, in the order in which the horizon passes them (a binary heap). An entry says when to look: the record
 * may have changed since.
 */
export class Departures {
  readonly #heap: Departure[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The first that is due; undefined when nothing waits. */
  get nextDue(): Reading | undefined {
    return this.#heap[0]?.due;
  }

  add(departure: Departure): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(departure);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent].due <= departure.due) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = departure;
  }

  /** Takes out up to `countMax` that are due at `horizon`. */
  take(horizon: Reading, countMax: number): Departure[] {
    const taken: Departure[] = [];
    while (taken.length < countMax && this.#heap.length > 0 && this.#heap[0].due <= horizon) taken.push(this.#pop());
    return taken;
  }

  #pop(): Departure {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].due < heap[child].due) child++;
      if (last.due <= heap[child].due) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return first;
  }
}
