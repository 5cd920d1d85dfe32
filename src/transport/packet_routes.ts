import type { Clock } from "../base/mod.ts";
import { type HostPort, ipFamily, parseHostPort } from "./address.ts";
import { type Resolver, resolveTargets, type Target } from "./resolver.ts";
import type { Address } from "./transport.ts";

/** How long a resolved name serves packets before it is asked again in the background, in ms. */
export const ROUTE_FRESH_MS = 30_000;

/** How long a name that cannot be resolved is left alone, in ms: probes come each second, name servers are shared. */
const ROUTE_RETRY_MS = 5_000;

/** Packets that wait for a name's first answer: one round of a probe and its gossip; more would only come late. */
const PACKETS_WAITING_MAX = 4;

/** Most addresses remembered; beyond it the one remembered longest is forgotten. */
const ROUTES_MAX = 4_096;

interface Route {
  readonly address: HostPort;
  /** Best first; empty until the first answer. */
  targets: Target[];
  askAgainAtMs: number;
  asking: boolean;
  waiting: Uint8Array[];
}

/** Where datagrams to an address go. Names are resolved in the background and never hold up a sender. */
export class PacketRoutes {
  readonly #resolver: Resolver;
  readonly #clock: Clock;
  readonly #send: (to: Address, target: Target, payload: Uint8Array) => void;
  readonly #routes = new Map<Address, Route>();

  constructor(
    options: {
      readonly resolver: Resolver;
      readonly clock: Clock;
      readonly send: (to: Address, target: Target, payload: Uint8Array) => void;
    },
  ) {
    this.#resolver = options.resolver;
    this.#clock = options.clock;
    this.#send = options.send;
  }

  /** Sends at once where an address is known, after the first answer where not. Unreadable addresses are dropped. */
  send(to: Address, payload: Uint8Array): void {
    const route = this.#route(to);
    if (!route) return;
    if (route.targets.length > 0) this.#send(to, route.targets[0], payload);
    else if (route.waiting.length < PACKETS_WAITING_MAX) route.waiting.push(payload);
    if (this.#clock.monotonicMs() >= route.askAgainAtMs && !route.asking) void this.#ask(to, route);
  }

  /** `host` answered for `to` just now: packets go there too, as long as the name still says so. */
  prefer(to: Address, host: string): void {
    const targets = this.#routes.get(to)?.targets;
    const index = targets?.findIndex((target) => target.host === host) ?? -1;
    if (targets && index > 0) targets.unshift(...targets.splice(index, 1));
  }

  /** The kernel refused to send to this target: the name's next one takes its place. */
  failed(to: Address, target: Target): void {
    const targets = this.#routes.get(to)?.targets;
    if (targets && targets.length > 1 && targets[0] === target) targets.push(targets.shift()!);
  }

  #route(to: Address): Route | undefined {
    const known = this.#routes.get(to);
    if (known) return known;
    const address = parseHostPort(to);
    if (!address || address.kind === "host" && (address.host === "" || address.port === 0)) return undefined;
    const literal = address.kind === "host" && ipFamily(address.host) !== 0;
    const route: Route = {
      address,
      targets: literal ? [{ host: address.host, port: address.port }] : [],
      askAgainAtMs: literal ? Infinity : -Infinity,
      asking: false,
      waiting: [],
    };
    if (this.#routes.size >= ROUTES_MAX) this.#routes.delete(this.#routes.keys().next().value!);
    this.#routes.set(to, route);
    return route;
  }

  async #ask(to: Address, route: Route): Promise<void> {
    route.asking = true;
    try {
      const preferred = route.targets[0]?.host;
      route.targets = await resolveTargets(route.address, this.#resolver);
      if (preferred !== undefined) this.prefer(to, preferred);
      route.askAgainAtMs = this.#clock.monotonicMs() + ROUTE_FRESH_MS;
    } catch { // What was known stays in use: a name server that is down must not take the cluster with it.
      route.askAgainAtMs = this.#clock.monotonicMs() + ROUTE_RETRY_MS;
    } finally {
      route.asking = false;
      const waiting = route.waiting;
      route.waiting = [];
      if (route.targets.length > 0) { for (const payload of waiting) this.#send(to, route.targets[0], payload); }
    }
  }
}
