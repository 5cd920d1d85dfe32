import type { Clock, Logger } from "../base/mod.ts";

/** Least time between two log lines of one kind that strangers can provoke, in ms: a flood must not flood the log. */
const PERIOD_MS = 30_000;

/** A warning that is written at most every {@link PERIOD_MS}, with the number of times it was due since. */
export class RareWarning {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #message: string;
  #count = 0;
  #loggedAtMs = -Infinity;

  constructor(message: string, options: { readonly clock: Clock; readonly log: Logger }) {
    this.#message = message;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  note(fields: Readonly<Record<string, unknown>>): void {
    this.#count++;
    const now = this.#clock.monotonicMs();
    if (now - this.#loggedAtMs < PERIOD_MS) return;
    this.#log.warn(this.#message, { ...fields, count: this.#count });
    this.#loggedAtMs = now;
    this.#count = 0;
  }
}
