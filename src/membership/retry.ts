import type { CancelTimer, Random } from "../base/mod.ts";
import type { MembershipConfig } from "./preset.ts";

/** Each delay is spread by this share in both directions, so that a healed split is not met by everybody at once. */
const JITTER = 0.2;

/** Tries something for ever: quickly for the first ten minutes, then slowly, always with jitter. */
export class Retry {
  #cancel: CancelTimer = () => {};
  #startedMs = 0;

  constructor(
    private readonly port: {
      readonly random: Random;
      nowMs(): number;
      after(delayMs: number, callback: () => void): CancelTimer;
    },
    private readonly config: MembershipConfig,
    private readonly attempt: () => void,
  ) {}

  /** Begins anew; with `immediately` the first try is now. */
  start({ immediately }: { immediately: boolean }): void {
    this.#cancel();
    this.#startedMs = this.port.nowMs();
    if (immediately) this.attempt();
    this.#plan();
  }

  stop(): void {
    this.#cancel();
  }

  #plan(): void {
    const fast = this.port.nowMs() - this.#startedMs < this.config.retryFastForMs;
    const delayMs = fast ? this.config.retryFastMs : this.config.retrySlowMs;
    this.#cancel = this.port.after(delayMs * (1 - JITTER + 2 * JITTER * this.port.random.float()), () => {
      this.attempt();
      this.#plan();
    });
  }
}
