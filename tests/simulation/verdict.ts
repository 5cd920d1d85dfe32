/** Failures kept; one is enough, more help to understand it. */
const FAILURES_MAX = 20;

/** What the checkers of one run found wrong. They never throw: they are called from inside the code under test. */
export class Verdict {
  readonly failures: string[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  fail(what: string): void {
    if (this.failures.length < FAILURES_MAX) this.failures.push(`at ${(this.#nowMs() / 1_000).toFixed(3)} s: ${what}`);
  }

  get isClean(): boolean {
    return this.failures.length === 0;
  }
}
