import type { Clock, Logger } from "../base/mod.ts";
import { formatHostPort, ipFamily, withoutV4Mapping } from "./address.ts";
import { contained } from "./delivery.ts";
import { keepRunning, pause } from "./pause.ts";
import type { Target } from "./resolver.ts";
import { FLUSH_TIMEOUT_MS } from "./transport.ts";

/**
 * Largest datagram, in bytes: IPv6's minimum MTU of 1,280, which mesh networks also use, less the headers of IPv6 and
 * UDP and 32 bytes to spare, so that no packet is ever fragmented.
 */
export const UDP_PACKET_BYTES_MAX = 1_200;

/** Packets that wait for the kernel: about its own send buffer once more. What comes beyond is dropped. */
const PACKETS_QUEUED_MAX = 1_024;

interface QueuedPacket {
  readonly payload: Uint8Array;
  readonly failed: () => void;
}

/** What a UDP socket needs of its transport. */
export interface UdpSocketOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Hears of each datagram of at most {@link UDP_PACKET_BYTES_MAX}; `from` is the sender's `host:port`. */
  packet(from: string, payload: Uint8Array): void;
}

/** One bound UDP socket: sends never throw, receiving survives errors and ends on disposal. */
export class UdpSocket implements AsyncDisposable {
  readonly family: 4 | 6;
  readonly #conn: Deno.DatagramConn;
  readonly #options: UdpSocketOptions;
  readonly #stop = new AbortController();
  readonly #receiving: Promise<void>;
  /** What leaves for each target: the first of each is under way. */
  readonly #queues = new Map<string, QueuedPacket[]>();
  readonly #sending = new Set<Promise<void>>();
  #queuedCount = 0;

  constructor(conn: Deno.DatagramConn, options: UdpSocketOptions) {
    this.#conn = conn;
    this.#options = options;
    this.family = ipFamily((conn.addr as Deno.NetAddr).hostname) === 6 ? 6 : 4;
    // One byte more than allowed: a longer datagram shows itself by filling it.
    const buffer = new Uint8Array(UDP_PACKET_BYTES_MAX + 1);
    this.#receiving = keepRunning({
      clock: options.clock,
      signal: this.#stop.signal,
      step: () => this.#receive(buffer),
      failed: (error) => options.log.warn("Cannot receive datagrams", { error: String(error) }),
    });
  }

  /** Hands one datagram to the kernel; `failed` hears when it refuses (no route, no such family, …). */
  send(target: Target, payload: Uint8Array, failed: () => void): void {
    if (this.#stop.signal.aborted || this.#queuedCount >= PACKETS_QUEUED_MAX) return;
    this.#queuedCount++;
    const key = formatHostPort(target.host, target.port);
    const queue = this.#queues.get(key);
    if (queue !== undefined) return void queue.push({ payload, failed });
    const sending = this.#sendTo(target, key, [{ payload, failed }]).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Sends what is queued, for at most a second: a server's last words are among it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const sent = new AbortController();
    void Promise.all(this.#sending).then(() => sent.abort());
    await pause(this.#options.clock, FLUSH_TIMEOUT_MS, sent.signal);
    this.#stop.abort();
    this.#conn.close();
    await this.#receiving;
  }

  /** To one target one at a time: of sends under way together, the runtime runs the latest first. Targets do not wait for each other. */
  async #sendTo({ host, port }: Target, key: string, queue: QueuedPacket[]): Promise<void> {
    this.#queues.set(key, queue);
    const mapped = this.family === 6 && ipFamily(host) === 4;
    const hostname = mapped ? `::ffff:${host}` : host;
    for (let next = queue.shift(); next !== undefined && !this.#stop.signal.aborted; next = queue.shift()) {
      try {
        await this.#conn.send(next.payload, { transport: "udp", hostname, port });
      } catch {
        next.failed();
      }
      this.#queuedCount--;
    }
    this.#queues.delete(key);
  }

  async #receive(buffer: Uint8Array<ArrayBuffer>): Promise<void> {
    const [bytes, address] = await this.#conn.receive(buffer);
    const { hostname, port } = address as Deno.NetAddr;
    if (bytes.length === 0 || bytes.length > UDP_PACKET_BYTES_MAX) return;
    const from = formatHostPort(withoutV4Mapping(hostname), port);
    contained(this.#options.log, "packet", () => this.#options.packet(from, bytes.slice()));
  }
}
