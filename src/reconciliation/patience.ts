import type { ReconciliationPort } from "./port.ts";

/** Sessions with one partner begin at least so far apart, in milliseconds. */
const GAP_MS_MIN = 500;
/** What came to nothing is tried again after twice the time, up to so many milliseconds. */
const GAP_MS_MAX = 30_000;
/** A disk that failed is tried again after so many milliseconds, doubled each time up to the greater. */
const DISK_MS_MIN = 1_000;
const DISK_MS_MAX = 60_000;

/** Sessions that follow each other at once because one has no room for all: 800 MiB. Past it they keep their distance. */
const GO_ON_MAX = 200;

interface Gap {
  readonly lengthMs: number;
  readonly endsMs: number;
}

/** When it is worth trying again: neither a full disk nor a stream of writes may make two servers compare all the time. */
export class Patience {
  readonly #gaps = new Map<string, Gap>();
  readonly #goneOn = new Map<string, number>();
  #failures = 0;
  #diskWaitsUntilMs = -Infinity;

  constructor(private readonly port: Pick<ReconciliationPort, "nowMs" | "after">) {}

  /** Our disk failed a moment ago: what is asked for now could not be kept. */
  get diskFails(): boolean {
    return this.port.nowMs() < this.#diskWaitsUntilMs;
  }

  /** Whether it is time for another session with `partner`. */
  mayBegin(partner: string): boolean {
    return !this.diskFails && this.port.nowMs() >= (this.#gaps.get(partner)?.endsMs ?? -Infinity);
  }

  /** Whether another session with `partner` may follow the last one at once. */
  mayGoOn(partner: string): boolean {
    const times = (this.#goneOn.get(partner) ?? 0) + 1;
    this.#goneOn.set(partner, times);
    return !this.diskFails && times <= GO_ON_MAX;
  }

  /** A session with `partner` ended; `moved` when records were exchanged. */
  ended(partner: string, { moved }: { moved: boolean }): void {
    const before = this.#gaps.get(partner)?.lengthMs ?? GAP_MS_MIN / 2;
    const lengthMs = moved ? GAP_MS_MIN : Math.min(GAP_MS_MAX, 2 * before);
    this.#gaps.set(partner, { lengthMs, endsMs: this.port.nowMs() + lengthMs });
  }

  /** `partner` holds what we hold: whatever comes next is another matter. */
  agreed(partner: string): void {
    this.#gaps.delete(partner);
    this.#goneOn.delete(partner);
  }

  /** Records were stored, or not; then `retry` is called when it is time. */
  stored(whole: boolean, retry: () => void): void {
    if (whole) {
      this.#failures = 0;
      return;
    }
    if (this.diskFails) return;
    const waitMs = Math.min(DISK_MS_MAX, DISK_MS_MIN * 2 ** this.#failures++);
    this.#diskWaitsUntilMs = this.port.nowMs() + waitMs;
    this.port.after(waitMs, retry);
  }
}
