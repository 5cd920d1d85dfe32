import type { Clock, Logger, RateLimitedLogger } from "../base/mod.ts";
import { ipFamily } from "./address.ts";
import { strangerLog } from "./stranger_log.ts";
import { PROOF_TIMEOUT_MS } from "./transport.ts";

/** Most unproved connections in all: each holds a few kilobytes for at most five seconds. */
export const STRANGERS_MAX = 1_024;

/** Most unproved connections of one address: a whole rack behind one address translator still joins at once. */
export const STRANGERS_PER_ADDRESS_MAX = 64;

/** One connection's place among the strangers. */
export interface StrangerPlace {
  /** Gives the place back: the peer has proved itself, or is gone. Idempotent. */
  leave(): void;
}

interface Stranger {
  readonly origin: string;
  readonly drop: (reason: string) => void;
  readonly cancelTimer: () => void;
}

/**
 * Accepted connections that have not proved the cluster's key. Over the cap of its address a newcomer is refused; over
 * the cap of all the oldest goes instead, since an honest peer proves itself in a few round trips and a flood never does.
 */
export class Strangers {
  readonly #clock: Clock;
  readonly #log: RateLimitedLogger;
  readonly #present = new Set<Stranger>(); // In the order they came.
  readonly #countByOrigin = new Map<string, number>();

  constructor(options: { readonly clock: Clock; readonly log: Logger }) {
    this.#clock = options.clock;
    this.#log = strangerLog(options);
  }

  /** How many are here now. */
  get count(): number {
    return this.#present.size;
  }

  /**
   * Takes in a connection from `host`, or answers undefined when its address has too many. `drop` is called, once and
   * never from inside this call, when the time for the proof is up or the place is needed.
   */
  enter(host: string, drop: (reason: string) => void): StrangerPlace | undefined {
    const origin = originOf(host);
    const count = this.#countByOrigin.get(origin) ?? 0;
    if (count >= STRANGERS_PER_ADDRESS_MAX) {
      this.#log.warn("Turned away a connection: too many unproved ones from its address", { remote: host }, origin);
      return undefined;
    }
    if (this.#present.size >= STRANGERS_MAX) {
      const [oldest] = this.#present;
      this.#log.warn("Closed the oldest unproved connection: too many in all", { remote: host });
      this.#expel(oldest, "made room: too many unproved connections");
    }
    const reason = `the peer did not prove the cluster key within ${PROOF_TIMEOUT_MS / 1_000} s`;
    const stranger: Stranger = {
      origin,
      drop,
      cancelTimer: this.#clock.after(PROOF_TIMEOUT_MS, () => this.#expel(stranger, reason)),
    };
    this.#present.add(stranger);
    this.#countByOrigin.set(origin, count + 1);
    return { leave: () => void this.#remove(stranger) };
  }

  #expel(stranger: Stranger, reason: string): void {
    if (this.#remove(stranger)) stranger.drop(reason);
  }

  #remove(stranger: Stranger): boolean {
    if (!this.#present.delete(stranger)) return false;
    stranger.cancelTimer();
    const count = this.#countByOrigin.get(stranger.origin)! - 1;
    if (count === 0) this.#countByOrigin.delete(stranger.origin);
    else this.#countByOrigin.set(stranger.origin, count);
    return true;
  }
}

/** Whom a connection counts for: an IPv4 address, or the /64 that one IPv6 host commonly has to itself. */
function originOf(host: string): string {
  if (ipFamily(host) !== 6) return host;
  const [head, tail] = host.split("%")[0].split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const missing = 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
    for (let i = 0; i < missing; i++) groups.push("0");
    if (tail !== "") groups.push(...tail.split(":"));
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
}
