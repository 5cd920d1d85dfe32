import type { CancelTimer, Random } from "../base/mod.ts";
import type { MembershipConfig } from "./preset.ts";

/** Each delay is spread by this share in both directions, so that a healed split is not met by everybody at once. */
const JITTER = 0.2;

/** The first delay of a retry that begins at once, in milliseconds; it doubles from there: servers are often started together. */
const FIRST_DELAY_MS = 250;

/** Tries something for ever: quickly for the first ten minutes, then slowly, always with jitter. */
export class Retry {
  #cancel: CancelTimer = () => {};
  #startedMs = 0;
  #delayMsMax = 0;

  constructor(
    private readonly port: {
      readonly random: Random;
      nowMs(): number;
      after(delayMs: number, callback: () => void): CancelTimer;
    },
    private readonly config: MembershipConfig,
    private readonly attempt: () => void,
  ) {}

  /** Begins anew; with `immediately` the first try is now, and the next ones follow soon. */
  start({ immediately }: { immediately: boolean }): void {
    this.#cancel();
    this.#startedMs = this.port.nowMs();
    this.#delayMsMax = immediately ? FIRST_DELAY_MS : this.config.retryFastMs;
    if (immediately) this.attempt();
    this.#plan();
  }

  stop(): void {
    this.#cancel();
  }

  #plan(): void {
    const fast = this.port.nowMs() - this.#startedMs < this.config.retryFastForMs;
    const delayMs = fast ? Math.min(this.#delayMsMax, this.config.retryFastMs) : this.config.retrySlowMs;
    this.#delayMsMax *= 2;
    this.#cancel = this.port.after(delayMs * (1 - JITTER + 2 * JITTER * this.port.random.float()), () => {
      this.attempt();
      this.#plan();
    });
  }
}
