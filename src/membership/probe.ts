import type { CancelTimer } from "../base/mod.ts";
import { isLive, type Member, type NodeId } from "./member.ts";
import type { LocalHealth } from "./local_health.ts";
import type { MemberTable } from "./member_table.ts";
import type { Channel, MembershipPort } from "./port.ts";
import type { MembershipConfig } from "./preset.ts";
import type { RoundTrip } from "./round_trip.ts";

/** Direct tries of one round at most, however long a poor local health stretches it. */
const DIRECT_TRIES_MAX = 12;

interface Round {
  readonly target: NodeId;
  readonly startedMs: number;
  readonly retryMs: number;
  readonly deadlineMs: number;
  tries: number;
  /** Settled: answers that still come say something of the path only. */
  done: boolean;
  /** Helpers asked that have neither relayed an ack nor said nack, and when the nack is due. */
  readonly silentHelpers: Map<NodeId, number>;
  readonly sequences: number[];
  cancel: CancelTimer;
}

/** One ping under way: which round it belongs to, and when it left. */
interface Sent {
  readonly round: Round;
  readonly sentMs: number;
  readonly channel: Channel | "helper";
}

/** How a probe round ended. */
export interface ProbeOutcome {
  /** The first answer of a round. */
  acked(target: NodeId): void;
  /** Any answer of a round, while its deadline lasts. */
  answered(target: NodeId, by: Channel | "helper", roundTripMs: number): void;
  /** No ack, direct or indirect, came back in time. */
  failed(target: NodeId): void;
  /** Sends one ping with what belongs on it. */
  ping(target: Member, sequence: number, channel: Channel): void;
  roundTrip(id: NodeId): RoundTrip;
}

/**
 * SWIM's failure detector (Das et al. 2002, §3.1, §4.3): one member a period in turn; several direct tries, then helpers and the
 * stream, within a deadline that follows the round-trip time to the target and our own health.
 */
export class Prober {
  #nextSequence: number;
  readonly #sent = new Map<number, Sent>();
  readonly #probing = new Map<NodeId, Round>();

  constructor(
    private readonly self: NodeId,
    private readonly members: MemberTable,
    private readonly health: LocalHealth,
    private readonly port: MembershipPort,
    private readonly config: MembershipConfig,
    private readonly outcome: ProbeOutcome,
  ) {
    this.#nextSequence = port.random.uint32() >>> 1;
  }

  /** Begins to probe, each node at its own phase, so that a cluster started at once does not beat in step. */
  start(): void {
    this.port.after(this.port.random.float() * this.config.probePeriodMs, () => this.#period());
  }

  #period(): void {
    this.port.after(this.config.probePeriodMs, () => this.#period());
    const target = this.#nextTarget();
    if (target !== undefined) this.probe(target);
  }

  /** A sequence number that no other ping of this node under way has. */
  sequence(): number {
    this.#nextSequence = (this.#nextSequence + 1) >>> 0;
    return this.#nextSequence;
  }

  /** Starts a round for `target` unless one is running. */
  probe(target: Member): void {
    if (this.#probing.has(target.id) || target.facts === undefined) return;
    const roundTrip = this.outcome.roundTrip(target.id);
    const round: Round = {
      target: target.id,
      startedMs: this.port.nowMs(),
      retryMs: roundTrip.retryMs(this.config.directRetryMs),
      deadlineMs: Math.max(this.config.probeDeadlineMs, this.config.farPeerFactor * roundTrip.timeoutMs) *
        this.health.multiplier,
      tries: 0,
      done: false,
      silentHelpers: new Map(),
      sequences: [],
      cancel: () => {},
    };
    this.#probing.set(target.id, round);
    this.#step(round);
  }

  /** An ack came in; stale ones, and acks of pings we never sent, are ignored. */
  acked(sequence: number, from: NodeId): void {
    const sent = this.#sent.get(sequence);
    if (sent === undefined || (sent.channel !== "helper" && sent.round.target !== from)) return;
    const { round, channel, sentMs } = sent;
    this.#sent.delete(sequence);
    this.outcome.answered(round.target, channel, this.port.nowMs() - sentMs);
    if (round.done) return;
    this.outcome.acked(round.target);
    round.done = true;
    this.#probing.delete(round.target);
    round.cancel();
    if (channel === "packet") return this.#end(round);
    // Only a helper or the stream has answered: does the direct path work at all?
    const leftMs = round.startedMs + round.deadlineMs - this.port.nowMs();
    round.cancel = this.port.after(Math.max(leftMs, round.retryMs), () => this.#end(round));
  }

  /** This process was asleep: what is unanswered says nothing. Rounds under way are given up without a verdict. */
  slept(): void {
    for (const round of [...this.#probing.values()]) this.#end(round);
  }

  /** A helper says that it had no answer: the helper lives, our own link to it works. */
  nacked(sequence: number, helper: NodeId): void {
    this.#sent.get(sequence)?.round.silentHelpers.delete(helper);
  }

  #step(round: Round): void {
    const target = this.members.get(round.target);
    if (target === undefined || !isLive(target.state)) return this.#end(round);
    const elapsedMs = this.port.nowMs() - round.startedMs;
    const leftMs = round.deadlineMs - elapsedMs;
    if (leftMs <= 0) return this.#fail(round);
    if (round.tries < DIRECT_TRIES_MAX) {
      this.#ping(round, target, "packet");
      round.tries++;
      // Two waves of helpers, after the second and the fourth direct try; the stream with the first.
      if (round.tries === 3) this.#ping(round, target, "stream");
      if (round.tries === 3 || round.tries === 5) this.#askHelpers(round, target);
    }
    round.cancel = this.port.after(Math.min(leftMs, round.retryMs), () => this.#step(round));
  }

  #ping(round: Round, target: Member, channel: Channel): void {
    const sequence = this.#register(round, channel);
    this.outcome.ping(target, sequence, channel);
  }

  #register(round: Round, channel: Sent["channel"]): number {
    const sequence = this.sequence();
    round.sequences.push(sequence);
    this.#sent.set(sequence, { round, sentMs: this.port.nowMs(), channel });
    return sequence;
  }

  #askHelpers(round: Round, target: Member): void {
    const asked = round.silentHelpers;
    const helpers = this.members.sample(
      this.config.indirectHelpers,
      this.port.random,
      ({ id, state, facts }) =>
        state === "alive" && facts !== undefined && id !== this.self && id !== target.id && !asked.has(id),
    );
    if (helpers.length === 0) return;
    const sequence = this.#register(round, "helper");
    for (const helper of helpers) {
      // A helper tries twice before it gives up.
      const nackMs = 2 * round.retryMs + this.outcome.roundTrip(helper.id).timeoutMs;
      round.silentHelpers.set(helper.id, this.port.nowMs() + nackMs);
      this.port.send({ id: helper.id, address: helper.facts!.address }, "packet", {
        kind: "ping_req",
        sequence,
        target: target.id,
        address: target.facts!.address,
        updates: [],
      });
    }
  }

  #fail(round: Round): void {
    this.#end(round);
    // Helpers that did not even say nack: more likely our own trouble (Lifeguard §IV-A).
    for (const dueMs of round.silentHelpers.values()) if (dueMs <= this.port.nowMs()) this.health.worse();
    this.outcome.failed(round.target);
  }

  #end(round: Round): void {
    round.cancel();
    for (const sequence of round.sequences) this.#sent.delete(sequence);
    if (this.#probing.get(round.target) === round) this.#probing.delete(round.target);
  }

  /**
   * Whose turn it is. Every server stands at its place in one circle, and looks one place further ahead in each period of wall-clock
   * time: as far as servers agree on members and time, everybody is probed exactly once a period, where SWIM's random order
   * (§4.3) leaves out a third. A server with another clock or list still probes everybody in turn.
   */
  #nextTarget(): Member | undefined {
    const { circle } = this.members;
    const own = circle.findIndex(({ id }) => id === this.self);
    const others = circle.length - 1;
    if (own < 0 || others === 0) return undefined;
    const period = Math.floor(this.port.wallMs() / this.config.probePeriodMs);
    return circle[(own + 1 + Math.abs(period % others)) % circle.length];
  }
}
