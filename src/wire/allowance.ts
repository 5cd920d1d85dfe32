/** How much of something may happen: `burst` at once, refilled at `perSecond` (a token bucket). */
export interface AllowanceRate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Counts against an {@link AllowanceRate}. Time is monotonic milliseconds. */
export class Allowance {
  readonly #rate: AllowanceRate;
  #left: number;
  #refilledMs: number;

  constructor(rate: AllowanceRate, nowMs: number) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#refilledMs = nowMs;
  }

  /** Takes one and says whether there was one. */
  take(nowMs: number): boolean {
    const refill = (Math.max(0, nowMs - this.#refilledMs) / 1000) * this.#rate.perSecond;
    this.#left = Math.min(this.#rate.burst, this.#left + refill);
    this.#refilledMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
