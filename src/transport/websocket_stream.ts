import type { Clock, Logger } from "../base/mod.ts";
import { Delivery } from "./delivery.ts";
import { FLUSH_TIMEOUT_MS, type Stream, type StreamHandlers, WRITE_QUEUE_BYTES_MAX } from "./transport.ts";
import { WriteQueue } from "./write_queue.ts";

/** One websocket message, far below the 16 MiB that the runtime takes: the peer has each in memory whole. */
const MESSAGE_BYTES_MAX = 1024 * 1024;

/** How often a socket that is still sending is looked at, in ms: there is no event for it. Doubles while it stalls. */
const POLL_FIRST_MS = 1;
const POLL_LAST_MS = 64;

/** Status codes of the closing handshake (RFC 6455 §7.4.1). */
const NORMAL_CLOSURE = 1000;
const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;

/** What a websocket stream needs of its transport. */
export interface WebsocketStreamOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** `host:port` of the other end. */
  readonly remote: string;
  readonly role: "dialled" | "accepted";
  /** Called once, when the socket is closed for good, or given up. */
  gone(): void;
  /** Called at most once, when the owner says that the peer has proved itself. */
  proved(): void;
}

/**
 * A stream over one websocket. The bytes written in one turn of the event loop leave as one message, and the next when
 * the runtime has passed that on.
 *
 * Deno's client leaves Nagle's algorithm on: its second small message waits for the acknowledgement of the first, which
 * the other end's system holds back for 40 ms in the hope of data to send along (measured: 44 ms for write, write,
 * read). So the accepting end gives it some: each message is answered, by data where there is some, else by an empty
 * message, which means nothing else (2 ms).
 */
export class WebsocketStream implements Stream {
  readonly remote: string;
  readonly #socket: WebSocket;
  readonly #options: WebsocketStreamOptions;
  readonly #queue = new WriteQueue();
  #delivery: Delivery | undefined;
  #state: "open" | "closing" | "gone" = "open";
  #reason = "";
  #flushScheduled = false;
  #owesAnswer = false;
  #pollMs = POLL_FIRST_MS;
  #provedOnce = false;
  #early: Uint8Array[] | undefined = [];
  #cancelPoll: (() => void) | undefined;
  #cancelTimers = () => {};

  /** Takes over all events of `socket`, open or not yet. */
  constructor(socket: WebSocket, options: WebsocketStreamOptions) {
    this.#socket = socket;
    this.#options = options;
    this.remote = options.remote;
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => this.#message(event.data);
    socket.onerror = (event) => this.#lost((event as ErrorEvent).message);
    socket.onclose = () => this.#lost(undefined);
  }

  get bufferedBytes(): number {
    return this.#queue.bytes + (this.#state === "gone" ? 0 : this.#socket.bufferedAmount);
  }

  /**
   * From now on `handlers` hear of everything, also of an end that came before. Data comes in a later turn of the event
   * loop, when whoever dialled has the stream in hand.
   */
  start(handlers: StreamHandlers): void {
    this.#delivery = new Delivery(handlers, this.#options.log);
    if (this.#state !== "open") return this.#delivery.end(this.#reason);
    this.#cancelTimers = this.#options.clock.after(0, () => this.#deliverEarly());
  }

  write(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    if (this.bufferedBytes + chunk.length > WRITE_QUEUE_BYTES_MAX) {
      return this.abort(`the peer reads too slowly: more than ${WRITE_QUEUE_BYTES_MAX / 2 ** 20} MiB wait for it`);
    }
    this.#queue.push(chunk);
    this.#scheduleFlush();
  }

  proved(): void {
    if (this.#provedOnce) return;
    this.#provedOnce = true;
    this.#options.proved();
  }

  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#reason = "closed by this server";
    this.#delivery?.end(this.#reason);
    this.#giveUpLater();
    this.#scheduleFlush();
  }

  /** Closes without sending what is buffered. */
  abort(reason: string, code = POLICY_VIOLATION): void {
    if (this.#state === "gone") return;
    if (this.#state === "open") {
      this.#state = "closing";
      this.#reason = reason;
      this.#delivery?.end(reason);
      this.#giveUpLater();
    }
    this.#queue.clear();
    this.#closeSocket(code);
  }

  /** The closing handshake needs the peer, which may be gone. */
  #giveUpLater(): void {
    this.#cancelTimers();
    this.#cancelTimers = this.#options.clock.after(FLUSH_TIMEOUT_MS, () => {
      this.#closeSocket(NORMAL_CLOSURE);
      this.#release();
    });
  }

  #message(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) return this.abort("the peer sent text", UNSUPPORTED_DATA);
    if (this.#state !== "open" || data.byteLength === 0) return;
    if (this.#options.role === "accepted") {
      this.#owesAnswer = true;
      this.#scheduleFlush();
    }
    const chunk = new Uint8Array(data);
    if (this.#early) this.#early.push(chunk);
    else this.#deliver(chunk);
  }

  #deliverEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const chunk of early) this.#deliver(chunk);
  }

  #deliver(chunk: Uint8Array): void {
    if (this.#state === "open" && !this.#delivery!.data(chunk)) this.abort("its owner failed to handle its data");
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#cancelPoll) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#state === "gone" || this.#socket.readyState === WebSocket.CONNECTING) return;
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > 0) return this.#poll();
    this.#pollMs = POLL_FIRST_MS;
    const chunk = this.#queue.take(MESSAGE_BYTES_MAX) ?? (this.#owesAnswer ? new Uint8Array(0) : undefined);
    this.#owesAnswer = false;
    if (chunk) this.#send(chunk);
    if (this.#queue.bytes > 0 || this.#state === "closing" && chunk) this.#poll();
    else if (this.#state === "closing") this.#closeSocket(NORMAL_CLOSURE);
  }

  #poll(): void {
    if (this.#cancelPoll) return;
    this.#cancelPoll = this.#options.clock.after(this.#pollMs, () => {
      this.#cancelPoll = undefined;
      this.#flush();
    });
    this.#pollMs = Math.min(this.#pollMs * 2, POLL_LAST_MS);
  }

  #send(chunk: Uint8Array): void {
    try {
      this.#socket.send(chunk as Uint8Array<ArrayBuffer>);
    } catch (error) {
      this.#lost(error instanceof Error ? error.message : String(error));
    }
  }

  #closeSocket(code: number): void {
    try {
      this.#socket.close(code);
    } catch { // Not open yet, or already closed: either way there is nothing to say goodbye to.
    }
  }

  #lost(error: string | undefined): void {
    if (this.#state === "gone") return;
    if (this.#state === "open") this.#reason = error ? `connection lost: ${error}` : "closed by the peer";
    this.#closeSocket(NORMAL_CLOSURE);
    this.#release();
  }

  #release(): void {
    if (this.#state === "gone") return;
    this.#state = "gone";
    this.#cancelPoll?.();
    this.#cancelTimers();
    this.#queue.clear();
    this.#early = [];
    this.#delivery?.end(this.#reason);
    this.#options.gone();
  }
}
