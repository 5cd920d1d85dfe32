import type { CancelTimer } from "../base/mod.ts";
import type { MemoryNetwork } from "./memory.ts";
import type { Address } from "./transport.ts";

/** One end of a link. */
export interface LinkEnd {
  /** Of the node, as the network knows it. */
  readonly address: Address;
  /** No process holds this end any more: what arrives is answered by a reset. */
  readonly dead: boolean;
  receive(chunk: Uint8Array): void;
  /** The other end closed, or is dead. */
  ended(reason: string): void;
}

/** `undefined` bytes are the end of the stream. */
interface Segment {
  readonly bytes: Uint8Array | undefined;
  readonly arriveAtMs: number;
}

/** One direction of a stream in memory: segments arrive in order, whatever happens to each on the way. */
export class MemoryLink {
  readonly #network: MemoryNetwork;
  readonly #from: LinkEnd;
  readonly #to: LinkEnd;
  #segments: Segment[] = [];
  #first = 0;
  #bytes = 0;
  #stalls = 0;
  #lastArrivalMs = -Infinity;
  #cancelTimer: CancelTimer | undefined;

  constructor(network: MemoryNetwork, ends: { readonly from: LinkEnd; readonly to: LinkEnd }) {
    this.#network = network;
    this.#from = ends.from;
    this.#to = ends.to;
  }

  /** Bytes that have not arrived. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sends bytes, or the end of the stream. */
  push(bytes: Uint8Array | undefined): void {
    const { clock } = this.#network;
    const length = bytes?.length ?? 0;
    const delayMs = this.#network.segmentDelayMs(this.#from.address, this.#to.address, length);
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, clock.monotonicMs() + delayMs);
    this.#segments.push({ bytes, arriveAtMs: this.#lastArrivalMs });
    this.#bytes += length;
    if (!this.#cancelTimer) this.#wake(this.#lastArrivalMs - clock.monotonicMs());
  }

  /** Forgets what is on its way. */
  clear(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#segments = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  #wake(delayMs: number): void {
    this.#cancelTimer = this.#network.clock.after(Math.max(0, delayMs), () => {
      this.#cancelTimer = undefined;
      this.#arrive();
    });
  }

  #arrive(): void {
    const network = this.#network;
    const nowMs = network.clock.monotonicMs();
    while (this.#first < this.#segments.length) {
      const { bytes, arriveAtMs } = this.#segments[this.#first];
      if (arriveAtMs > nowMs) return this.#wake(arriveAtMs - nowMs);
      const reached = network.reaches(this.#from.address, this.#to.address);
      if (!reached || network.at(this.#to.address) === "off") return this.#wake(network.retransmitMs(this.#stalls++));
      this.#stalls = 0;
      if (this.#to.dead) {
        this.clear();
        return this.#from.ended("connection reset by the peer");
      }
      this.#shift();
      this.#deliver(bytes);
    }
  }

  #shift(): void {
    this.#bytes -= this.#segments[this.#first].bytes?.length ?? 0;
    this.#first++;
    if (this.#first === this.#segments.length || this.#first > 1_000) { // Shifting each time would cost the square.
      this.#segments = this.#segments.slice(this.#first);
      this.#first = 0;
    }
  }

  #deliver(bytes: Uint8Array | undefined): void {
    if (!bytes) return this.#to.ended("closed by the peer");
    this.#network.count(this.#to.address, "stream", "received", bytes.length);
    this.#to.receive(bytes);
  }
}
