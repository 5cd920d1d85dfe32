import { equalBytes } from "@noble/ciphers/utils.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Entropy } from "../base/mod.ts";
import { ASK_BYTES } from "./hello.ts";
import { KEY_BYTES } from "./keys.ts";
import { BOOT_BYTES, COUNTER_BYTES, writeCounter } from "./packet_header.ts";

/** How long the nonce for a boot stays the same, in ms. It is good for once or twice that: longer than any round trip. */
const PERIOD_MS = 10_000;

/**
 * The nonces by which boots prove that they run now. Derived, not remembered, so that recorded hellos of a million dead
 * boots take no memory.
 */
export class BootChallenges {
  readonly #secret: Uint8Array;
  readonly #now: () => number;

  /** @param now monotonic milliseconds */
  constructor(entropy: Entropy, now: () => number) {
    this.#secret = entropy(KEY_BYTES);
    this.#now = now;
  }

  /** The nonce for `boot` to answer. */
  ask(boot: Uint8Array): Uint8Array {
    return this.#nonce(boot, this.#period());
  }

  /** Whether `echo` answers a nonce that `boot` was asked lately. */
  isAnswer(boot: Uint8Array, echo: Uint8Array): boolean {
    const period = this.#period();
    return equalBytes(echo, this.#nonce(boot, period)) || equalBytes(echo, this.#nonce(boot, period - 1));
  }

  /** One more than periods have passed, so that the one before is never negative. */
  #period(): number {
    return 1 + Math.floor(Math.max(0, this.#now()) / PERIOD_MS);
  }

  #nonce(boot: Uint8Array, period: number): Uint8Array {
    const message = new Uint8Array(BOOT_BYTES + COUNTER_BYTES);
    message.set(boot);
    writeCounter(message, BOOT_BYTES, period);
    return hmac(sha256, this.#secret, message).subarray(0, ASK_BYTES);
  }
}
