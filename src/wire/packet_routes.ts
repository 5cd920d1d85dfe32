import { bytesToHex } from "@noble/hashes/utils.js";
import type { Entropy } from "../base/mod.ts";
import type { BootId } from "../cluster/mod.ts";
import { BoundedMap } from "./bounded_map.ts";
import { ASK_BYTES } from "./hello.ts";

/** An address that we send to, and which boot answered there. */
export interface Route {
  /** Nonce that only whoever gets packets sent to this address can answer. Used up by its first answer. */
  ask: Uint8Array;
  /** Undefined until the nonce was answered. */
  boot: BootId | undefined;
}

/** Addresses that are sent to, four for each of a thousand servers: name, IPv4, IPv6, and an old one. */
const ROUTES_MAX = 4096;

/**
 * Which boot is at which address. Names and socket addresses are not the same text, so an answer is matched to the address
 * by its nonce, not by where it came from.
 */
export class PacketRoutes {
  readonly #entropy: Entropy;
  readonly #byAsk = new Map<string, Route>();
  readonly #byAddress = new BoundedMap<string, Route>(ROUTES_MAX, (route) => this.#byAsk.delete(bytesToHex(route.ask)));

  constructor(entropy: Entropy) {
    this.#entropy = entropy;
  }

  /** The route to an address, new where there is none. */
  to(address: string): Route {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    const route: Route = { ask: this.#entropy(ASK_BYTES), boot: undefined };
    this.#byAddress.set(address, route);
    this.#byAsk.set(bytesToHex(route.ask), route);
    return route;
  }

  /** The route whose nonce this is. */
  asked(ask: Uint8Array): Route | undefined {
    return this.#byAsk.get(bytesToHex(ask));
  }

  /** Notes that `boot` answered the nonce of `route`, and makes the next nonce. */
  answered(route: Route, boot: BootId): void {
    this.#byAsk.delete(bytesToHex(route.ask));
    route.ask = this.#entropy(ASK_BYTES);
    this.#byAsk.set(bytesToHex(route.ask), route);
    this.assign(route, boot);
  }

  /** Notes which boot is at the end of `route`. One that was there before has ended, so it is gone from all routes. */
  assign(route: Route, boot: BootId): void {
    const before = route.boot;
    if (before !== undefined && before !== boot) this.forget((other) => other === before);
    route.boot = boot;
  }

  /** Makes the boots that `isGone` names unknown again: the next packet says hello. */
  forget(isGone: (boot: BootId) => boolean): void {
    for (const route of this.#byAddress.values()) {
      if (route.boot !== undefined && isGone(route.boot)) route.boot = undefined;
    }
  }
}
