import type { CancelTimer, Clock, Entropy } from "../base/mod.ts";
import {
  looksLikeHttp,
  looksLikeTls,
  type Stream,
  type StreamHandlers,
  WRITE_QUEUE_BYTES_MAX,
} from "../transport/mod.ts";
import { type KeyRing, NonceExhaustedError, type StreamFailureReason, StreamSession } from "../wire/mod.ts";

/** Whoever has not proved the key by then, in milliseconds, is no server, or out of reach: another try is worth more. */
const HANDSHAKE_MS_MAX = 10_000;
/** What sealing adds to the largest message, generously. */
const FRAMING_BYTES_MAX = 64 * 1024;
/** Messages and bytes that wait for a handshake; past it the oldest hope is given up: gossip repeats itself. */
const QUEUED_MESSAGES_MAX = 1_024;
const QUEUED_BYTES_MAX = 32 * 1024 * 1024;

/** Why a peer was turned away. */
export interface Rejection {
  readonly reason: StreamFailureReason | "other_transport";
  /** For people. */
  readonly text: string;
}

const OTHER_TRANSPORT: Rejection = {
  reason: "other_transport",
  text: "it speaks HTTP or TLS, this cluster TCP and UDP: all servers of a cluster use the same transport",
};

/** What a connection tells its owner. */
export interface ConnectionEvents {
  message(connection: Connection, bytes: Uint8Array): void;
  /** The peer has proved that it holds the key. */
  established(connection: Connection): void;
  /** Called once. `rejection` is set when the peer's bytes were at fault. */
  closed(connection: Connection, reason: string, rejection: Rejection | undefined): void;
}

/** One sealed stream to one peer: handshake, queue while it runs, messages afterwards. */
export class Connection {
  /** Its name in this process. */
  readonly number: number;
  readonly #session: StreamSession;
  readonly #events: ConnectionEvents;
  readonly #clock: Clock;
  #stream: Stream | undefined;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #rejection: Rejection | undefined;
  #heard = false;
  #established = false;
  #cancelHandshake: CancelTimer = () => {};
  #closed = false;
  /** Whom we talk with, once it has said so. */
  peer: string | undefined;
  /** Whom we mean to talk with; it has not said so yet. */
  expected: string | undefined;
  /** Another connection to the same peer is used instead. */
  isSuperseded = false;
  /** Monotonic milliseconds of the last message in either direction. */
  lastUsedMs: number;
  /** Monotonic milliseconds of the first message that nothing has followed from the other side; undefined: nothing is open. */
  #unansweredSinceMs: number | undefined;
  #bufferedBytesBefore = 0;

  constructor(
    /** `initiator`: the address dialled; `responder`: undefined until {@link attach}. */
    readonly role: "initiator" | "responder",
    { number, keys, bootId, entropy, compression, clock, events }: {
      number: number;
      keys: KeyRing;
      bootId: string;
      entropy: Entropy;
      compression: boolean;
      clock: Clock;
      events: ConnectionEvents;
    },
  ) {
    this.number = number;
    this.#session = new StreamSession({ role, keys, bootId, entropy, compression });
    this.#events = events;
    this.#clock = clock;
    this.lastUsedMs = clock.monotonicMs();
  }

  /** What the transport tells us. */
  readonly handlers: StreamHandlers = {
    data: (chunk) => this.#data(chunk),
    closed: (reason) => this.#ended(reason),
  };

  get isEstablished(): boolean {
    return this.#established;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** The process at the other end, once established. */
  get peerBootId(): string | undefined {
    return this.#session.peerBootId;
  }

  /**
   * How long the other side has said nothing although we wrote, in milliseconds. Bytes that have left since the last call count as a
   * sign of life: a large message may take minutes on a slow link.
   */
  silentMs(): number {
    if (this.#unansweredSinceMs === undefined) return 0;
    const bufferedBytes = this.#stream?.bufferedBytes ?? 0;
    if (bufferedBytes < this.#bufferedBytesBefore) this.#unansweredSinceMs = this.#clock.monotonicMs();
    this.#bufferedBytesBefore = bufferedBytes;
    return this.#clock.monotonicMs() - this.#unansweredSinceMs;
  }

  get remote(): string | undefined {
    return this.#stream?.remote;
  }

  /** The socket is open: the handshake begins. */
  attach(stream: Stream): void {
    this.#stream = stream;
    if (this.#closed) return stream.close();
    this.#cancelHandshake = this.#clock.after(HANDSHAKE_MS_MAX, () => stream.close());
    const first = this.#session.start();
    if (first !== undefined) stream.write(first);
  }

  /** Sends a message, or queues it while the handshake runs. */
  send(message: Uint8Array): void {
    if (this.#closed) return;
    if (this.#established) return this.#write(message);
    if (this.#queue.length >= QUEUED_MESSAGES_MAX || this.#queuedBytes + message.length > QUEUED_BYTES_MAX) return;
    this.#queue.push(message);
    this.#queuedBytes += message.length;
  }

  close(): void {
    if (this.#stream !== undefined) this.#stream.close();
    else this.#ended("closed");
  }

  /** What finds no room is lost, like a packet: its sender says it again, and the stream with what waits in it lives. */
  #write(message: Uint8Array): void {
    if (this.#stream!.bufferedBytes + message.length + FRAMING_BYTES_MAX > WRITE_QUEUE_BYTES_MAX) return;
    this.#unansweredSinceMs ??= this.#clock.monotonicMs();
    try {
      this.#stream!.write(this.#session.seal(message));
    } catch (error) {
      if (!(error instanceof NonceExhaustedError)) throw error;
      this.#stream!.close(); // The next message opens another.
    }
  }

  #data(chunk: Uint8Array): void {
    if (this.#closed || this.#rejection !== undefined) return;
    this.#unansweredSinceMs = undefined;
    const isFirst = !this.#heard;
    this.#heard = true;
    const { write, messages, established, failure } = this.#session.receive(chunk);
    for (const bytes of write) this.#stream!.write(bytes);
    if (established && !this.#established) this.#beEstablished();
    for (const message of messages) this.#events.message(this, message);
    if (failure === undefined) return;
    const isForeign = isFirst && (looksLikeHttp(chunk) || looksLikeTls(chunk));
    this.#rejection = isForeign ? OTHER_TRANSPORT : failure;
    this.#stream!.close();
  }

  #beEstablished(): void {
    this.#cancelHandshake();
    this.#established = true;
    this.#stream!.proved();
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const message of queue) this.#write(message);
    this.#events.established(this);
  }

  /** The stream ended, or never came about. */
  #ended(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelHandshake();
    this.#queue = [];
    this.#events.closed(this, reason, this.#rejection);
  }

  /** The dial failed. */
  failed(reason: string): void {
    this.#ended(reason);
  }
}
