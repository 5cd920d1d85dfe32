import { type CancelTimer, type Random } from "../base/mod.ts";
import { isLive, type MembershipConfig, type MemberTable, type NodeId, Retry } from "../membership/mod.ts";
import type { TriedPeer } from "./standing.ts";

/** An empty server waits so long for a populated one, in milliseconds, before it offers setup. */
export const JOIN_PATIENCE_MS = 10_000;

interface Peer {
  readonly address: string;
  readonly retry: Retry;
  /** Who answered there. */
  id: NodeId | undefined;
  result: string;
  answered: boolean;
  /** Monotonic milliseconds of the last time it was asked. */
  askedMs: number;
}

/** Asks the configured peers, for ever: a split of any length heals as long as one of them works. */
export class Joiner {
  readonly #peers = new Map<string, Peer>();

  constructor(
    private readonly self: NodeId,
    addresses: readonly string[],
    private readonly members: MemberTable,
    port: { readonly random: Random; nowMs(): number; after(delayMs: number, callback: () => void): CancelTimer },
    config: MembershipConfig,
    ask: (address: string) => void,
  ) {
    for (const address of addresses) {
      const retry = new Retry(port, config, () => {
        if (!this.#isWorthAsking(peer, port.nowMs() - peer.askedMs >= config.retrySlowMs)) return;
        peer.askedMs = port.nowMs();
        ask(address);
      });
      const peer: Peer = {
        address,
        retry,
        id: undefined,
        result: "no answer yet",
        answered: false,
        askedMs: -Infinity,
      };
      this.#peers.set(address, peer);
    }
  }

  start(): void {
    for (const { retry } of this.#peers.values()) retry.start({ immediately: true });
  }

  /** `id` answered at `address`. */
  answered(address: string, id: NodeId, { populated }: { populated: boolean }): void {
    const peer = this.#peers.get(address);
    if (peer === undefined) return;
    peer.id = id;
    peer.answered = true;
    peer.result = id === this.self ? "is this server" : populated ? "has data" : "is empty, too";
  }

  /** Nobody could be reached at `address`. True when that is news. */
  failed(address: string, reason: string): boolean {
    const peer = this.#peers.get(address);
    if (peer === undefined) return false;
    const isNews = peer.result !== reason;
    peer.id = undefined;
    peer.answered = false;
    peer.result = reason;
    return isNews;
  }

  /** Every configured peer has answered, or is this server itself. */
  get allAnswered(): boolean {
    for (const { answered } of this.#peers.values()) if (!answered) return false;
    return true;
  }

  get tried(): TriedPeer[] {
    return [...this.#peers.values()].map(({ address, result }) => ({ address, result }));
  }

  /**
   * Whoever advertises this very address needs no asking while it lives. A name may lead to several servers, this one among them:
   * it is asked now and then even after one has answered, and all the time while we are alone.
   */
  #isWorthAsking(peer: Peer, isOverdue: boolean): boolean {
    let isAlone = true, answererLives = false;
    for (const { id, state, facts } of this.members.all()) {
      if (id === this.self || !isLive(state)) continue;
      isAlone = false;
      if (facts?.address === peer.address) return false;
      answererLives ||= id === peer.id;
    }
    return isAlone || isOverdue || !(answererLives || peer.id === this.self);
  }
}
