import type { Clock, Logger } from "../base/mod.ts";
import { formatHostPort, withoutV4Mapping } from "./address.ts";
import { Delivery } from "./delivery.ts";
import { FLUSH_TIMEOUT_MS, type Stream, type StreamHandlers, WRITE_QUEUE_BYTES_MAX } from "./transport.ts";
import { WriteQueue } from "./write_queue.ts";

/** One write to the socket: large enough that its cost vanishes, small enough to join cheaply. */
const WRITE_BYTES_MAX = 256 * 1024;

/** Read buffer of a new stream: a thousand strangers together take 4 MiB. It doubles whenever a read fills it. */
const READ_BYTES_FIRST = 4 * 1024;
const READ_BYTES_LAST = 64 * 1024;

/** What a TCP stream needs of its transport. */
export interface TcpStreamOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Called once, when the socket is closed for good. */
  gone(): void;
  /** Called at most once, when the owner says that the peer has proved itself. */
  proved(): void;
}

/** A stream over one TCP connection. */
export class TcpStream implements Stream {
  readonly remote: string;
  readonly #conn: Deno.TcpConn;
  readonly #options: TcpStreamOptions;
  readonly #queue = new WriteQueue();
  #delivery: Delivery | undefined;
  #state: "open" | "closing" | "gone" = "open";
  #reason = "";
  #bytesInWrite = 0;
  #writing = false;
  #flushScheduled = false;
  #provedOnce = false;
  #cancelFlushTimer = () => {};
  #cancelStart = () => {};

  constructor(conn: Deno.TcpConn, options: TcpStreamOptions) {
    this.#conn = conn;
    this.#options = options;
    const { hostname, port } = conn.remoteAddr as Deno.NetAddr;
    this.remote = formatHostPort(withoutV4Mapping(hostname), port);
    try {
      conn.setNoDelay(true);
    } catch { // The peer has already gone; reading will tell.
    }
  }

  get bufferedBytes(): number {
    return this.#queue.bytes + this.#bytesInWrite;
  }

  /**
   * From now on `handlers` hear of everything, also of an end that came before. Data comes in a later turn of the event
   * loop, when whoever dialled has the stream in hand.
   */
  start(handlers: StreamHandlers): void {
    this.#delivery = new Delivery(handlers, this.#options.log);
    if (this.#state !== "open") this.#delivery.end(this.#reason);
    if (this.#state !== "gone") this.#cancelStart = this.#options.clock.after(0, () => void this.#read());
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
    this.#cancelFlushTimer = this.#options.clock.after(FLUSH_TIMEOUT_MS, () => this.#release());
    this.#scheduleFlush();
  }

  /** Closes at once; what is buffered is lost. */
  abort(reason: string): void {
    if (this.#state === "open") this.#reason = reason;
    this.#release();
  }

  /** All writes of one turn of the event loop leave together. */
  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#writing) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    if (this.#writing || this.#state === "gone") return;
    this.#writing = true;
    try {
      for (let chunk = this.#queue.take(WRITE_BYTES_MAX); chunk; chunk = this.#queue.take(WRITE_BYTES_MAX)) {
        this.#bytesInWrite = chunk.length;
        while (this.#bytesInWrite > 0) {
          this.#bytesInWrite -= await this.#conn.write(chunk.subarray(chunk.length - this.#bytesInWrite));
        }
      }
      // Closing a socket that holds unread bytes resets it, and the peer may lose what was just sent. So this end only
      // says that it is done, and reads on to the peer's end, or to the flush timeout.
      if (this.#state === "closing") await this.#conn.closeWrite();
    } catch (error) {
      this.abort(lostReason(error));
    } finally {
      this.#writing = false;
    }
  }

  async #read(): Promise<void> {
    let buffer = new Uint8Array(READ_BYTES_FIRST);
    try {
      for (;;) {
        const length = await this.#conn.read(buffer);
        if (length === null) return this.abort("closed by the peer");
        if (this.#state === "closing") continue;
        if (!this.#delivery!.data(buffer.slice(0, length))) return this.abort("its owner failed to handle its data");
        if (length === buffer.length && length < READ_BYTES_LAST) buffer = new Uint8Array(length * 2);
      }
    } catch (error) {
      this.abort(lostReason(error));
    }
  }

  #release(): void {
    if (this.#state === "gone") return;
    this.#state = "gone";
    this.#cancelFlushTimer();
    this.#cancelStart();
    this.#queue.clear();
    this.#bytesInWrite = 0;
    try {
      this.#conn.close();
    } catch { // Already closed by the runtime after an error.
    }
    this.#delivery?.end(this.#reason);
    this.#options.gone();
  }
}

function lostReason(error: unknown): string {
  return `connection lost: ${error instanceof Error ? error.message.replace(/ \(os error \d+\)$/, "") : String(error)}`;
}
