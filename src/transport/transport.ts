/** `host:port` (names, IPv4, `[IPv6]:port`, `srv+name`), or a `wss://`, `https://`, `ws://`, `http://` URL. */
export type Address = string;

/** What the owner of a stream hears of it. Neither may throw. */
export interface StreamHandlers {
  data(chunk: Uint8Array): void;
  /** Called once, whoever closed it; no data follows. */
  closed(reason: string): void;
}

/** An ordered, reliable stream of bytes to one peer, in chunks of any size. */
export interface Stream {
  /** Where the other end is, as the socket sees it: `host:port`. */
  readonly remote: Address;
  /** Bytes handed to `write` that the operating system has not taken yet. */
  readonly bufferedBytes: number;
  /** Hands over `chunk`; after close it is dropped. The chunk is not changed or kept by the caller afterwards. */
  write(chunk: Uint8Array): void;
  /** Sends what is buffered (for at most a second), then closes. Idempotent. */
  close(): void;
}

/** What a transport reports to its owner. None may throw. */
export interface TransportHandlers {
  /** One datagram came in. `from` is the sender's socket address. */
  packet(from: Address, payload: Uint8Array): void;
  /** A peer opened a stream; the answer hears of it from now on. */
  accepted(stream: Stream): StreamHandlers;
}

/** Moves bytes between servers. Knows addresses and bytes, never messages or members. */
export interface Transport extends AsyncDisposable {
  /** Where this end listens, with port 0 resolved: `host:port`, or the advertised URL. */
  readonly address: Address;
  /** Largest datagram that `sendPacket` takes, in bytes; 0 when there are no datagrams (websocket). */
  readonly packetBytesMax: number;
  /** Starts to listen. @throws when the address cannot be bound; the message names it. */
  start(handlers: TransportHandlers): Promise<void>;
  /** Hands one datagram to the network. Loss is silent: an unreachable peer is not an error. */
  sendPacket(to: Address, payload: Uint8Array): void;
  /**
   * Opens a stream. Names are resolved at each call and all their addresses tried.
   *
   * @throws {DialError} within 10 s when no address answers
   */
  dial(to: Address, handlers: StreamHandlers): Promise<Stream>;
}

/** No stream could be opened; the message names the address and the cause. */
export class DialError extends Error {
  override readonly name = "DialError";
}
