/** Bytes that a client may be behind before its stream is closed; it connects anew and reads what is there. */
const BEHIND_BYTES_MAX = 256 * 1024;

/** One server-sent event stream (HTML Standard §9.2): text in, bounded, and closable from our side. */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #onClose: (() => void) | undefined;

  /** `onClose` is called once, whoever closes. */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      cancel: () => this.#ended(),
    }, { highWaterMark: BEHIND_BYTES_MAX, size: (chunk) => chunk.byteLength });
  }

  /** Sends one event; JSON has no line breaks. */
  send(event: string, data: unknown): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** A line that clients ignore: it keeps proxies from closing a quiet stream, and finds out who is gone. */
  keepAlive(): void {
    this.#write(": keep-alive\n\n");
  }

  close(): void {
    const controller = this.#controller;
    this.#ended();
    try {
      controller?.close();
    } catch { // Closed by the other end in this very moment.
    }
  }

  #write(text: string): void {
    if (!this.#controller) return;
    if ((this.#controller.desiredSize ?? 0) <= 0) return this.close(); // Too slow, or gone.
    this.#controller.enqueue(this.#encoder.encode(text));
  }

  #ended(): void {
    this.#controller = undefined;
    this.#onClose?.();
    this.#onClose = undefined;
  }
}
