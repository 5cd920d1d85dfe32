import { type Clock, freshCopy, type Logger } from "../base/mod.ts";
import { Delivery } from "./delivery.ts";
import type { LinkEnd, MemoryLink } from "./memory_link.ts";
import { type Address, type Stream, type StreamHandlers, WRITE_QUEUE_BYTES_MAX } from "./transport.ts";

/** What a stream in memory needs of its transport. */
export interface MemoryStreamOptions {
  /** Of the node that holds this end. */
  readonly address: Address;
  /** Of the other end's socket. */
  readonly remote: Address;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called once, when this end is closed. */
  gone(): void;
  /** Called at most once, when the owner says that the peer has proved itself. */
  proved(): void;
}

/** One end of a stream in memory. */
export class MemoryStream implements Stream, LinkEnd {
  readonly address: Address;
  readonly remote: Address;
  readonly #options: MemoryStreamOptions;
  #out: MemoryLink | undefined;
  #delivery: Delivery | undefined;
  #state: "open" | "closed" | "dead" = "open";
  #reason = "";
  #provedOnce = false;
  #atOnce = false;
  /** What came before the owner was ready for it, in a turn of the clock after `start`. */
  #early: Uint8Array[] | undefined = [];
  #earlyEnd: string | undefined;

  constructor(options: MemoryStreamOptions) {
    this.#options = options;
    this.address = options.address;
    this.remote = options.remote;
  }

  get dead(): boolean {
    return this.#state === "dead";
  }

  get bufferedBytes(): number {
    return this.#out?.bytes ?? 0;
  }

  /** Gives this end its way out. */
  connect(out: MemoryLink): void {
    this.#out = out;
  }

  /** From now on `handlers` hear of everything, also of an end that came before; data in a later turn of the clock. */
  start(handlers: StreamHandlers): void {
    const { clock, log } = this.#options;
    this.#delivery = new Delivery(handlers, log, (run) => this.#atOnce ? run() : void clock.after(0, run));
    if (this.#state === "closed") this.#delivery.end(this.#reason);
    else clock.after(0, () => this.#deliverEarly());
  }

  write(chunk: Uint8Array): void {
    if (this.#state !== "open" || chunk.length === 0) return;
    if (this.bufferedBytes + chunk.length > WRITE_QUEUE_BYTES_MAX) {
      return this.abort(`the peer reads too slowly: more than ${WRITE_QUEUE_BYTES_MAX / 2 ** 20} MiB wait for it`);
    }
    this.#out!.push(freshCopy(chunk));
  }

  proved(): void {
    if (this.#provedOnce) return;
    this.#provedOnce = true;
    this.#options.proved();
  }

  close(): void {
    this.#end("closed by this server", () => this.#out!.push(undefined));
  }

  /** Closes without sending what is on its way. */
  abort(reason: string): void {
    this.#end(reason, () => {
      this.#out!.clear();
      this.#out!.push(undefined);
    });
  }

  /** Closes, and tells the owner before it returns: afterwards there may be nobody to move the clock. */
  dispose(): void {
    this.#atOnce = true;
    this.close();
  }

  /** Nobody is behind this end any more. `silently`: the peer is not told either. */
  die({ silently }: { readonly silently: boolean }): void {
    if (this.#state === "open" && !silently) this.#out!.push(undefined);
    if (silently) this.#out!.clear();
    this.#state = "dead";
    this.#options.gone();
  }

  receive(chunk: Uint8Array): void {
    if (this.#early) this.#early.push(chunk);
    else if (this.#state === "open" && !this.#delivery!.data(chunk)) this.abort("its owner failed to handle its data");
  }

  ended(reason: string): void {
    if (this.#early) this.#earlyEnd ??= reason;
    else this.#end(reason, () => this.#out!.clear());
  }

  #deliverEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const chunk of early) this.receive(chunk);
    if (this.#earlyEnd !== undefined) this.ended(this.#earlyEnd);
  }

  #end(reason: string, sayGoodbye: () => void): void {
    if (this.#state !== "open") return;
    this.#state = "closed";
    this.#reason = reason;
    sayGoodbye();
    this.#delivery?.end(reason);
    this.#options.gone();
  }
}
