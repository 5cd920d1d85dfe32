import { type Clock, freshCopy, type Random, silentLogger } from "../base/mod.ts";
import { isHostPort } from "./address.ts";
import { MemoryTransport } from "./memory_transport.ts";
import { UDP_PACKET_BYTES_MAX } from "./udp.ts";
import type { Address, Transport } from "./transport.ts";

/** What becomes of bytes on their way: one delay for each copy that arrives, in ms; none when they are lost. */
export interface Fate {
  readonly delaysMs: readonly number[];
}

/** Decides the fate of one packet or stream segment; a dial is a segment of 0 bytes each way. */
export type FateHook = (from: Address, to: Address, channel: "packet" | "stream", bytes: number) => Fate;

/** What one node has sent and received, in bytes of payload and in pieces. Copies and retransmissions count again. */
export interface Traffic {
  sentBytes: number;
  receivedBytes: number;
  sent: number;
  received: number;
}

/** How long a lost segment's sender waits before it sends it again, in ms; doubles each time (RFC 6298 §5). */
const RETRANSMIT_FIRST_MS = 200;
/** Linux waits up to 120 s; this keeps a healed stream's delay within a test's patience. */
const RETRANSMIT_LAST_MS = 5_000;

/** Losses of one segment in a row before it gets through all the same: for silence that lasts there are partitions. */
const LOSSES_IN_A_ROW_MAX = 16;

const ONE_MILLISECOND: Fate = { delaysMs: [1] };

/**
 * A network in memory, for tests and the simulator. Everything happens in callbacks of the clock: with a virtual clock
 * and a seeded generator, equal runs are equal to the byte.
 *
 * Packets may be lost, doubled and overtaken. Streams keep their order: a lost segment comes late, and a partition is
 * silence until it heals.
 */
export class MemoryNetwork {
  /** What becomes of bytes; one copy after 1 ms unless set. */
  fate: FateHook = () => ONE_MILLISECOND;
  readonly clock: Clock;
  readonly #random: Random;
  readonly #hosts = new Map<Address, MemoryTransport>();
  /** Machines that are off: they do not even refuse. */
  readonly #silent = new Set<Address>();
  readonly #severed = new Set<string>();
  readonly #traffic = new Map<Address, { packet: Traffic; stream: Traffic }>();
  #lastEphemeralPort = 49_151;

  constructor(options: { readonly clock: Clock; readonly random: Random }) {
    this.clock = options.clock;
    this.#random = options.random;
  }

  /**
   * A node's transport, also after a crash of the last one there. It listens once it is started. `clock` measures how
   * long strangers may take, where a node's own clock differs from the network's.
   *
   * @throws when `address` is not `host:port`
   */
  transport(
    address: Address,
    { packetBytesMax = UDP_PACKET_BYTES_MAX, log = silentLogger, clock = this.clock } = {},
  ): Transport {
    if (!isHostPort(address)) throw new Error(`Cannot place a node at "${address}": not host:port`);
    return new MemoryTransport(this, { address, packetBytesMax, log, clock });
  }

  /** Cuts the link between two nodes; `oneWay` only what `a` sends. Streams fall silent, they are not closed. */
  sever(a: Address, b: Address, { oneWay = false } = {}): void {
    this.#severed.add(linkKey(a, b));
    if (!oneWay) this.#severed.add(linkKey(b, a));
  }

  /** Mends the link between two nodes, both ways. */
  mend(a: Address, b: Address): void {
    this.#severed.delete(linkKey(a, b));
    this.#severed.delete(linkKey(b, a));
  }

  /** Cuts every link between nodes of different groups. Nodes in no group keep all theirs. */
  partition(...groups: ReadonlyArray<readonly Address[]>): void {
    groups.forEach((group, index) => {
      const others = groups.slice(index + 1).flat();
      for (const a of group) for (const b of others) this.sever(a, b);
    });
  }

  /** Mends all links. */
  heal(): void {
    this.#severed.clear();
  }

  /**
   * Ends a node at once, without a word to its owner. `machine`: as when its power fails; peers hear nothing, until the
   * address is back and does not know their streams. `process`: as after kill -9; the system closes its streams.
   */
  crash(address: Address, what: "machine" | "process"): void {
    const host = this.#hosts.get(address);
    if (what === "machine") this.#silent.add(address);
    this.#hosts.delete(address);
    host?.crash(what);
  }

  /** What the node at `address` has sent and received since the network was made; live figures. */
  traffic(address: Address): { readonly packet: Readonly<Traffic>; readonly stream: Readonly<Traffic> } {
    return this.#trafficOf(address);
  }

  /** Puts a transport on the network. @throws when another one listens at its address */
  attach(transport: MemoryTransport): void {
    const { address } = transport;
    if (this.#hosts.has(address)) throw new Error(`Cannot listen on "${address}": another program uses this port`);
    this.#hosts.set(address, transport);
    this.#silent.delete(address);
  }

  /** Takes a transport off the network, where it is still the one at its address. */
  detach(transport: MemoryTransport): void {
    if (this.#hosts.get(transport.address) === transport) this.#hosts.delete(transport.address);
  }

  /** Who listens at `address`; `off` when the machine itself is gone. */
  at(address: Address): MemoryTransport | "off" | undefined {
    return this.#silent.has(address) ? "off" : this.#hosts.get(address);
  }

  /** False while the link is cut. */
  reaches(from: Address, to: Address): boolean {
    return this.#severed.size === 0 || !this.#severed.has(linkKey(from, to));
  }

  /** Sends one datagram to its fate. */
  sendPacket(from: Address, to: Address, payload: Uint8Array): void {
    const copy = freshCopy(payload);
    this.count(from, "packet", "sent", copy.length);
    const { delaysMs } = this.fate(from, to, "packet", copy.length);
    if (!this.reaches(from, to)) return;
    for (const delayMs of delaysMs) {
      this.clock.after(delayMs, () => {
        const host = this.#hosts.get(to);
        if (!host) return;
        this.count(to, "packet", "received", copy.length);
        host.receivePacket(from, copy);
      });
    }
  }

  /** How long one segment takes, in ms, the retransmissions included that its fate asks for. */
  segmentDelayMs(from: Address, to: Address, bytes: number): number {
    let waitedMs = 0;
    for (let attempt = 0;; attempt++) {
      this.count(from, "stream", "sent", bytes);
      const { delaysMs } = this.fate(from, to, "stream", bytes);
      if (delaysMs.length > 0) return waitedMs + delaysMs[0];
      waitedMs += this.retransmitMs(attempt);
      if (attempt === LOSSES_IN_A_ROW_MAX) return waitedMs;
    }
  }

  /** How long a sender waits before attempt `attempt` + 1, with up to a tenth of jitter, in ms. */
  retransmitMs(attempt: number): number {
    const backoffMs = Math.min(RETRANSMIT_LAST_MS, RETRANSMIT_FIRST_MS * 2 ** Math.min(attempt, 10));
    return backoffMs * (1 + this.#random.float() / 10);
  }

  /** A client's socket address on the host of `of`. */
  ephemeralAddress(of: Address): Address {
    this.#lastEphemeralPort = this.#lastEphemeralPort === 65_535 ? 49_152 : this.#lastEphemeralPort + 1;
    return of.replace(/:\d+$/, `:${this.#lastEphemeralPort}`);
  }

  /** Counts one packet or segment. */
  count(address: Address, channel: "packet" | "stream", way: "sent" | "received", bytes: number): void {
    const traffic = this.#trafficOf(address)[channel];
    traffic[way]++;
    if (way === "sent") traffic.sentBytes += bytes;
    else traffic.receivedBytes += bytes;
  }

  #trafficOf(address: Address): { packet: Traffic; stream: Traffic } {
    let traffic = this.#traffic.get(address);
    if (!traffic) {
      const none = () => ({ sentBytes: 0, receivedBytes: 0, sent: 0, received: 0 });
      this.#traffic.set(address, traffic = { packet: none(), stream: none() });
    }
    return traffic;
  }
}

function linkKey(from: Address, to: Address): string {
  return `${from} ${to}`;
}
