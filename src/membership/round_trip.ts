/** Bounds of a retransmission timeout, milliseconds: below 20 scheduling noise rules, above 3,000 a link is as good as down. */
const TIMEOUT_MS_MIN = 20;
const TIMEOUT_MS_MAX = 3_000;
/** Before the first sample: four of them, a round's deadline, are more than any round trip on the planet. */
const TIMEOUT_MS_UNKNOWN = 125;

/** Smoothed round-trip time to one peer, and the retransmission timeout that follows from it (RFC 6298 §2). */
export class RoundTrip {
  #smoothedMs: number | undefined;
  #variationMs = 0;

  /** Smoothed round-trip time in milliseconds; undefined before the first sample. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs;
  }

  get timeoutMs(): number {
    if (this.#smoothedMs === undefined) return TIMEOUT_MS_UNKNOWN;
    return Math.min(TIMEOUT_MS_MAX, Math.max(TIMEOUT_MS_MIN, this.#smoothedMs + 4 * this.#variationMs));
  }

  /**
   * How long to wait before the next try, milliseconds, at least `leastMs`. A peer that was never measured is asked again soon: a
   * few packets too many, once, where waiting would cost tries.
   */
  retryMs(leastMs: number): number {
    return this.#smoothedMs === undefined ? leastMs : Math.max(leastMs, this.timeoutMs);
  }

  sample(roundTripMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = roundTripMs;
      this.#variationMs = roundTripMs / 2;
      return;
    }
    this.#variationMs = 0.75 * this.#variationMs + 0.25 * Math.abs(this.#smoothedMs - roundTripMs);
    this.#smoothedMs = 0.875 * this.#smoothedMs + 0.125 * roundTripMs;
  }
}
