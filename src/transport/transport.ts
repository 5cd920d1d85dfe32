/** `host:port` (names, IPv4, `[IPv6]:port`, `srv+name`), or a `wss://`, `https://`, `ws://`, `http://` URL. */
export type Address = string;

/** What the owner of a stream hears of it. Neither may throw; one that does is logged and loses the stream. */
export interface StreamHandlers {
  /** Bytes in the order they were written, cut anywhere. The chunk is the owner's to keep. */
  data(chunk: Uint8Array): void;
  /** Called once, whoever closed it; no data follows. Never called from inside `write` or `close`. */
  closed(reason: string): void;
}

/** An ordered, reliable stream of bytes to one peer, in chunks of any size. */
export interface Stream {
  /** Where the other end is, as the socket sees it: `host:port`. */
  readonly remote: Address;
  /** Bytes handed to `write` that the operating system has not taken yet. */
  readonly bufferedBytes: number;
  /**
   * Hands over `chunk`; after close it is dropped. The chunk is not changed or kept by the caller afterwards.
   * A peer that reads so slowly that {@link WRITE_QUEUE_BYTES_MAX} would be passed loses the stream, with a reason.
   */
  write(chunk: Uint8Array): void;
  /**
   * The peer has proved that it holds the cluster's key. Until then an accepted stream counts against the caps on
   * strangers and is closed after {@link PROOF_TIMEOUT_MS}. Nothing happens on a dialled stream.
   */
  proved(): void;
  /** Sends what is buffered (for at most a second), then closes. Idempotent. */
  close(): void;
}

/** What a transport reports to its owner. None may throw; what is thrown is logged and goes no further. */
export interface TransportHandlers {
  /** One datagram came in. `from` is the sender's socket address. */
  packet(from: Address, payload: Uint8Array): void;
  /** A peer opened a stream; the answer hears of it from now on. */
  accepted(stream: Stream): StreamHandlers;
}

/** Moves bytes between servers. Knows addresses and bytes, never messages or members. */
export interface Transport extends AsyncDisposable {
  /** Where this end listens, with port 0 resolved once `start` is done: `host:port`, or the advertised URL. */
  readonly address: Address;
  /** Largest datagram that `sendPacket` takes, in bytes; 0 when there are no datagrams (websocket). */
  readonly packetBytesMax: number;
  /** Starts to listen. @throws when the address cannot be bound; the message names it. */
  start(handlers: TransportHandlers): Promise<void>;
  /**
   * Hands one datagram to the network. Loss is silent: an unreachable peer is not an error, and a payload over
   * `packetBytesMax` is dropped. The payload is not changed by the caller afterwards.
   */
  sendPacket(to: Address, payload: Uint8Array): void;
  /**
   * Opens a stream. Names are resolved at each call and all their addresses tried. Data is delivered only after the
   * answer has resolved.
   *
   * @throws {DialError} within 10 s when no address answers
   */
  dial(to: Address, handlers: StreamHandlers): Promise<Stream>;
}

/**
 * Most bytes that wait on one stream for a slow peer. A server's whole catch-up is sent in parts far below it, so only
 * a peer that has stopped reading ever fills it, and a hundred such peers still fit a small machine's address space.
 */
export const WRITE_QUEUE_BYTES_MAX = 32 * 1024 * 1024;

/** How long an accepted stream may stay unproved, in ms: several round trips of the longest way round the planet. */
export const PROOF_TIMEOUT_MS = 5_000;

/** How long `dial` tries, in ms: past the third retransmission of a lost SYN (1 + 2 + 4 s). */
export const DIAL_TIMEOUT_MS = 10_000;

/** How long a closing stream may go on sending what it holds, in ms. */
export const FLUSH_TIMEOUT_MS = 1_000;

/** Why no stream could be opened, for owners that tell a fault of configuration from one of the network. */
export type DialFailure =
  /** Nothing answers at the address, or not in time: worth another try. */
  | "unreachable"
  /** The name has no address. */
  | "unresolved"
  /** The TLS certificate is not trusted, or names another host. */
  | "untrusted"
  /** Something answers that is no knot server. */
  | "not_knot"
  /** A knot server without cluster mode, or of the other transport. */
  | "other_transport"
  /** A knot server of another cluster key. */
  | "other_key"
  /** The address itself cannot be read. */
  | "bad_address"
  /** This end is stopping. */
  | "stopped";

/** No stream could be opened; the message names the address and the cause. */
export class DialError extends Error {
  override readonly name = "DialError";
  readonly reason: DialFailure;

  constructor(message: string, options: { readonly reason?: DialFailure; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.reason = options.reason ?? "unreachable";
  }
}
