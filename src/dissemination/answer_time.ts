/** Longest that an answer is waited for, in milliseconds. */
const OVERDUE_MS_MAX = 3_000;

/**
 * How long a member takes to answer a push, its disk and its queue included, and when an answer is overdue (RFC 6298 §2, §5.5). What is
 * repeated too soon is carried twice, by servers that are slow because they are busy.
 */
export class AnswerTime {
  #smoothedMs: number | undefined;
  #variationMs = 0;
  #overdueMs = 0;

  /** Milliseconds after which an answer is overdue; 0 before the first. */
  get overdueMs(): number {
    return this.#overdueMs;
  }

  /** A push was answered after so long. */
  sample(elapsedMs: number): void {
    const smoothedMs = this.#smoothedMs ?? elapsedMs;
    this.#variationMs = this.#smoothedMs === undefined
      ? elapsedMs / 2
      : 0.75 * this.#variationMs + 0.25 * Math.abs(smoothedMs - elapsedMs);
    this.#smoothedMs = 0.875 * smoothedMs + 0.125 * elapsedMs;
    this.#overdueMs = Math.min(OVERDUE_MS_MAX, this.#smoothedMs + 4 * this.#variationMs);
  }

  /** A push was not answered within so long: it may be lost, or the member slower than it was. */
  timedOut(waitedMs: number): void {
    this.#overdueMs = Math.min(OVERDUE_MS_MAX, 2 * waitedMs);
  }
}
