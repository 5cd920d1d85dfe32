import type { Clock } from "../base/mod.ts";
import { type Address, DIAL_TIMEOUT_MS, DialError } from "./transport.ts";

/** Most dials under way at once: every member of the largest cluster, once. */
const DIALS_MAX = 1_024;

/** Dials under way: each ends in time, and all end on disposal. */
export class Dials {
  readonly #clock: Clock;
  readonly #pending = new Map<AbortController, Address>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Runs one attempt. `attempt` must give up, and discard what it opened, when its signal aborts.
   *
   * @throws {DialError} whatever the attempt threw, with the address in front
   */
  async run<T>(to: Address, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#stopped) throw stoppedError(to);
    if (this.#pending.size >= DIALS_MAX) {
      throw new DialError(`Cannot connect to "${to}": ${DIALS_MAX} dials are under way`);
    }
    const controller = new AbortController();
    this.#pending.set(controller, to);
    const seconds = DIAL_TIMEOUT_MS / 1_000;
    const timedOut = new DialError(`Cannot connect to "${to}": no answer within ${seconds} s`);
    const cancelTimer = this.#clock.after(DIAL_TIMEOUT_MS, () => controller.abort(timedOut));
    try {
      return await Promise.race([attempt(controller.signal), aborted(controller.signal)]);
    } catch (error) {
      if (error instanceof DialError) throw error;
      if (controller.signal.reason instanceof DialError) throw controller.signal.reason;
      const cause = error instanceof Error ? error.message : String(error);
      throw new DialError(`Cannot connect to "${to}": ${cause}`, { cause: error });
    } finally {
      cancelTimer();
      this.#pending.delete(controller);
    }
  }

  /** Ends all dials under way and refuses new ones. */
  stop(): void {
    this.#stopped = true;
    for (const [controller, to] of this.#pending) controller.abort(stoppedError(to));
  }
}

function stoppedError(to: Address): DialError {
  return new DialError(`Cannot connect to "${to}": this server is stopping`, { reason: "stopped" });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}
