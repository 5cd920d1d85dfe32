import { Allowance, type AllowanceRate } from "./allowance.ts";
import { BoundedMap } from "./bounded_map.ts";

/** Why a reply is sent, each with its own allowance, so that a flood of one leaves the other alone. */
export type ReplyCause =
  /** A packet that cannot be opened here: anyone who saw one can send another. */
  | "unreadable"
  /** A hello under the cluster key, fresh or recorded. */
  | "hello";

/** To one address. A new peer needs two replies; the rest is for loss and restarts. */
const RATE_EACH: Readonly<Record<ReplyCause, AllowanceRate>> = {
  unreadable: { burst: 4, perSecond: 2 },
  hello: { burst: 16, perSecond: 8 },
};

/** To all. A thousand servers that start at once greet each other in a few seconds; sealing so many takes 10 ms a second. */
const RATE_ALL: Readonly<Record<ReplyCause, AllowanceRate>> = {
  unreadable: { burst: 400, perSecond: 200 },
  hello: { burst: 2000, perSecond: 1000 },
};

/** Addresses whose allowance is remembered; who comes back after so many others starts anew, within the allowance of all. */
const ADDRESSES_MAX = 4096;

/** Bounds what strangers can make us send, to each address and in all. */
export class ReplyLimits {
  readonly #all: Readonly<Record<ReplyCause, Allowance>>;
  readonly #each: Readonly<Record<ReplyCause, BoundedMap<string, Allowance>>> = {
    unreadable: new BoundedMap(ADDRESSES_MAX),
    hello: new BoundedMap(ADDRESSES_MAX),
  };

  constructor(nowMs: number) {
    this.#all = {
      unreadable: new Allowance(RATE_ALL.unreadable, nowMs),
      hello: new Allowance(RATE_ALL.hello, nowMs),
    };
  }

  /** Takes one reply to `address`, and says whether it may be sent. */
  take(cause: ReplyCause, address: string, nowMs: number): boolean {
    let each = this.#each[cause].get(address);
    if (each === undefined) this.#each[cause].set(address, each = new Allowance(RATE_EACH[cause], nowMs));
    return each.take(nowMs) && this.#all[cause].take(nowMs);
  }
}
