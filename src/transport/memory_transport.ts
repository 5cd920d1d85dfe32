import type { CancelTimer, Clock, Logger } from "../base/mod.ts";
import { isHostPort } from "./address.ts";
import { contained } from "./delivery.ts";
import type { MemoryNetwork } from "./memory.ts";
import { MemoryLink } from "./memory_link.ts";
import { MemoryStream } from "./memory_stream.ts";
import { Strangers } from "./strangers.ts";
import {
  type Address,
  DIAL_TIMEOUT_MS,
  DialError,
  type Stream,
  type StreamHandlers,
  type Transport,
  type TransportHandlers,
} from "./transport.ts";

/** What a transport in memory is. */
export interface MemoryTransportOptions {
  readonly address: Address;
  readonly packetBytesMax: number;
  readonly log: Logger;
  /** Measures how long strangers may take. */
  readonly clock: Clock;
}

/** One node's end of a network in memory. */
export class MemoryTransport implements Transport {
  readonly address: Address;
  readonly packetBytesMax: number;
  readonly #network: MemoryNetwork;
  readonly #log: Logger;
  readonly #strangers: Strangers;
  readonly #streams = new Set<MemoryStream>();
  readonly #dials = new Set<MemoryDial>();
  #handlers: TransportHandlers | undefined;
  #state: "new" | "listening" | "stopped" = "new";

  constructor(network: MemoryNetwork, { address, packetBytesMax, log, clock }: MemoryTransportOptions) {
    this.#network = network;
    this.#log = log;
    this.#strangers = new Strangers({ clock, log });
    this.address = address;
    this.packetBytesMax = packetBytesMax;
  }

  // deno-lint-ignore require-await -- Other transports have to wait.
  async start(handlers: TransportHandlers): Promise<void> {
    this.#network.attach(this);
    this.#handlers = handlers;
    this.#state = "listening";
  }

  sendPacket(to: Address, payload: Uint8Array): void {
    if (this.#state !== "listening" || payload.length > this.packetBytesMax || !isHostPort(to)) return;
    this.#network.sendPacket(this.address, to, payload);
  }

  dial(to: Address, handlers: StreamHandlers): Promise<Stream> {
    return new Promise((resolve, reject) => {
      if (!isHostPort(to)) {
        return reject(new DialError(`Cannot connect to "${to}": it is not host:port`, { reason: "bad_address" }));
      }
      const dial: MemoryDial = new MemoryDial(this.#network, {
        from: this,
        to,
        opened: (stream) => {
          this.#dials.delete(dial);
          stream.start(handlers);
          resolve(stream);
        },
        failed: (error) => {
          this.#dials.delete(dial);
          reject(error);
        },
      });
      this.#dials.add(dial);
      if (this.#state === "listening") dial.start();
      else dial.stop();
    });
  }

  // deno-lint-ignore require-await -- Other transports have to wait.
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#network.detach(this);
    for (const dial of this.#dials) dial.stop();
    for (const stream of this.#streams) stream.dispose();
  }

  /** Ends everything without a word to the owner. */
  crash(what: "machine" | "process"): void {
    this.#state = "stopped";
    for (const dial of this.#dials) dial.abandon();
    this.#dials.clear();
    for (const stream of this.#streams) stream.die({ silently: what === "machine" });
  }

  /** A datagram arrived. */
  receivePacket(from: Address, payload: Uint8Array): void {
    contained(this.#log, "packet", () => this.#handlers!.packet(from, payload));
  }

  /** A new end of a stream at this node, with no way out yet. */
  createStream(remote: Address, left: () => void = () => {}): MemoryStream {
    const stream: MemoryStream = new MemoryStream({
      address: this.address,
      remote,
      clock: this.#network.clock,
      log: this.#log,
      proved: left,
      gone: () => {
        left();
        this.#streams.delete(stream);
      },
    });
    this.#streams.add(stream);
    return stream;
  }

  /** Takes in a stranger's stream; false where there is no room. `wire` connects it before the owner has it. */
  accept(remote: Address, wire: (stream: MemoryStream) => void): boolean {
    const host = remote.replace(/:\d+$/, "");
    const place = this.#strangers.enter(host, (reason) => stream.abort(reason));
    if (!place) return false;
    const stream = this.createStream(remote, () => place.leave());
    wire(stream);
    const heard = contained(this.#log, "accepted", () => stream.start(this.#handlers!.accepted(stream)));
    if (!heard) stream.abort("its owner failed to accept it");
    return true;
  }
}

interface MemoryDialOptions {
  readonly from: MemoryTransport;
  readonly to: Address;
  opened(stream: MemoryStream): void;
  failed(error: DialError): void;
}

/** One dial: a question and an answer, each asked again until it gets through or the time is up. */
class MemoryDial {
  readonly #network: MemoryNetwork;
  readonly #options: MemoryDialOptions;
  #cancelDeadline: CancelTimer = () => {};
  #cancelStep: CancelTimer = () => {};
  /** This end, from the moment the other one has accepted until the answer is here. */
  #near: MemoryStream | undefined;
  #over = false;

  constructor(network: MemoryNetwork, options: MemoryDialOptions) {
    this.#network = network;
    this.#options = options;
  }

  start(): void {
    const { clock } = this.#network;
    const seconds = DIAL_TIMEOUT_MS / 1_000;
    this.#cancelDeadline = clock.after(DIAL_TIMEOUT_MS, () => this.#fail(`no answer within ${seconds} s`));
    this.#carry(this.#options.from.address, this.#options.to, () => this.#arrived());
  }

  stop(): void {
    this.#fail("this server is stopping", "stopped");
  }

  /** Stops without an answer: whoever asked is dead. */
  abandon(): void {
    this.#over = true;
    this.#cancelDeadline();
    this.#cancelStep();
  }

  /** Carries an empty segment; `arrived` runs when it gets through. */
  #carry(from: Address, to: Address, arrived: () => void, attempt = 0): void {
    const network = this.#network;
    this.#cancelStep = network.clock.after(network.segmentDelayMs(from, to, 0), () => {
      if (network.reaches(from, to) && network.at(to) !== "off") return arrived();
      this.#cancelStep = network.clock.after(
        network.retransmitMs(attempt),
        () => this.#carry(from, to, arrived, attempt + 1),
      );
    });
  }

  #arrived(): void {
    const { from, to } = this.#options;
    const host = this.#network.at(to);
    const refuse = () => this.#carry(to, from.address, () => this.#fail("it refused the connection"));
    if (host === undefined || host === "off") return refuse();
    this.#carry(to, from.address, () => {
      const near = this.#near!;
      this.#near = undefined;
      this.abandon();
      this.#options.opened(near);
    });
    const accepted = host.accept(this.#network.ephemeralAddress(from.address), (far) => {
      const near = this.#near = from.createStream(to);
      near.connect(new MemoryLink(this.#network, { from: near, to: far }));
      far.connect(new MemoryLink(this.#network, { from: far, to: near }));
    });
    if (accepted) return;
    this.#cancelStep();
    refuse();
  }

  #fail(cause: string, reason: "unreachable" | "stopped" = "unreachable"): void {
    if (this.#over) return;
    this.abandon();
    this.#near?.die({ silently: false });
    this.#options.failed(new DialError(`Cannot connect to "${this.#options.to}": ${cause}`, { reason }));
  }
}
