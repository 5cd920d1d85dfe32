import type { NodeId } from "./member.ts";
import type { Destination, MembershipPort } from "./port.ts";
import type { MembershipConfig } from "./preset.ts";
import type { RoundTrip } from "./round_trip.ts";

/** Requests helped at one time; more are left to the other helpers. */
const RELAYS_MAX = 256;

interface Relayed {
  readonly request: { readonly sequence: number; readonly target: NodeId; readonly address: string };
  readonly replyTo: Destination;
  readonly sequences: number[];
}

/** The helper's side of an indirect probe: pings the target twice, then answers the asker with an ack, or with a nack (Lifeguard). */
export class Relay {
  readonly #bySequence = new Map<number, Relayed>();

  constructor(
    private readonly port: MembershipPort,
    private readonly config: MembershipConfig,
    private readonly prober: { sequence(): number },
    private readonly outcome: {
      ping(to: Destination & { id: NodeId }, sequence: number): void;
      roundTrip(id: NodeId): RoundTrip;
    },
  ) {}

  help(request: Relayed["request"], replyTo: Destination): void {
    if (this.#bySequence.size >= RELAYS_MAX) return;
    const relayed: Relayed = { request, replyTo, sequences: [] };
    const roundTrip = this.outcome.roundTrip(request.target);
    const retryMs = roundTrip.retryMs(this.config.directRetryMs);
    this.#ping(relayed);
    this.port.after(retryMs, () => {
      if (this.#isOpen(relayed)) this.#ping(relayed);
    });
    this.port.after(2 * retryMs, () => {
      if (!this.#isOpen(relayed)) return;
      this.port.send(replyTo, "packet", { kind: "nack", sequence: request.sequence, target: request.target });
    });
    // A late answer is still worth relaying; after this the asker has given up.
    const deadlineMs = Math.max(this.config.probeDeadlineMs, this.config.farPeerFactor * roundTrip.timeoutMs);
    this.port.after(2 * retryMs + deadlineMs, () => this.#close(relayed));
  }

  /** True when the ack belonged to a relayed ping. */
  acked(sequence: number, from: NodeId): boolean {
    const relayed = this.#bySequence.get(sequence);
    if (relayed === undefined || relayed.request.target !== from) return false;
    this.#close(relayed);
    this.port.send(relayed.replyTo, "packet", {
      kind: "relayed_ack",
      sequence: relayed.request.sequence,
      target: relayed.request.target,
    });
    return true;
  }

  #ping(relayed: Relayed): void {
    const sequence = this.prober.sequence();
    relayed.sequences.push(sequence);
    this.#bySequence.set(sequence, relayed);
    this.outcome.ping({ id: relayed.request.target, address: relayed.request.address }, sequence);
  }

  #isOpen(relayed: Relayed): boolean {
    return this.#bySequence.has(relayed.sequences[0]);
  }

  #close(relayed: Relayed): void {
    for (const sequence of relayed.sequences) this.#bySequence.delete(sequence);
  }
}
