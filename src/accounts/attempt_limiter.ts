/** Keys remembered at one time, about 2 MB; the longest untouched goes first. */
const KEYS_MAX = 10_000;

/** How many tries a key has, and how soon they come back. */
export interface AttemptLimits {
  readonly burst: number;
  /** One try comes back after so long. */
  readonly refillMs: number;
}

/**
 * Token buckets by key (an address, an account). A try is taken before it is judged, so that many at one time gain nothing, and given back
 * when it was a good one. In memory: each server counts for itself.
 */
export class AttemptLimiter {
  readonly #limits: AttemptLimits;
  readonly #monotonicMs: () => number;
  readonly #buckets = new Map<string, { left: number; atMs: number }>();

  constructor(limits: AttemptLimits, monotonicMs: () => number) {
    this.#limits = limits;
    this.#monotonicMs = monotonicMs;
  }

  /** Takes a try: 0 when there was one, else the seconds until there is. */
  take(key: string): number {
    const left = this.#leftOf(key);
    if (left < 1) return Math.ceil((1 - left) * this.#limits.refillMs / 1000);
    this.#put(key, left - 1);
    return 0;
  }

  /** Gives a try back. */
  giveBack(key: string): void {
    this.#put(key, Math.min(this.#limits.burst, this.#leftOf(key) + 1));
  }

  #leftOf(key: string): number {
    const bucket = this.#buckets.get(key);
    if (!bucket) return this.#limits.burst;
    return Math.min(this.#limits.burst, bucket.left + (this.#monotonicMs() - bucket.atMs) / this.#limits.refillMs);
  }

  #put(key: string, left: number): void {
    this.#buckets.delete(key); // Put last: the map's order is that of the last touch.
    if (left >= this.#limits.burst) return; // As good as unknown.
    this.#buckets.set(key, { left, atMs: this.#monotonicMs() });
    if (this.#buckets.size > KEYS_MAX) this.#buckets.delete(this.#buckets.keys().next().value!);
  }
}

/**
 * The key of a client address. One customer of an IPv6 provider has a whole /64 (RFC 6177) and would else have 2^64 keys.
 */
export function addressKey(ip: string): string {
  if (!ip.includes(":")) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped) return mapped[1];
  const [head, tail] = ip.toLowerCase().replace(/%.*$/, "").split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array(zeros).fill("0"), ...last].map((group) => group.replace(/^0+(?=.)/, ""));
  return `${groups.slice(0, 4).join(":")}::/64`;
}
