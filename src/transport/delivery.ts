import type { Logger } from "../base/mod.ts";
import type { StreamHandlers } from "./transport.ts";

/** Runs a callback of the owner; what it throws is logged and goes no further. False when it threw. */
export function contained(log: Logger, callback: string, run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    log.error("Transport callback failed", { callback, error: error instanceof Error ? error.stack : String(error) });
    return false;
  }
}

/** Keeps a stream's promises to its owner: no data after the end, the end told once, no exception let through. */
export class Delivery {
  readonly #handlers: StreamHandlers;
  readonly #log: Logger;
  readonly #defer: (run: () => void) => void;
  #ended = false;

  /** `defer` runs a callback soon, but not at once. */
  constructor(handlers: StreamHandlers, log: Logger, defer: (run: () => void) => void = queueMicrotask) {
    this.#handlers = handlers;
    this.#log = log;
    this.#defer = defer;
  }

  /** False when the owner failed, and with it the state of what it was reading: the stream must end. */
  data(chunk: Uint8Array): boolean {
    if (this.#ended) return true;
    return contained(this.#log, "data", () => this.#handlers.data(chunk));
  }

  /** Tells the owner once the present callback has returned, so that `close` inside a handler does not re-enter it. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#defer(() => contained(this.#log, "closed", () => this.#handlers.closed(reason)));
  }
}
