import { Beliefs } from "./beliefs.ts";
import { type Contact, Contacts } from "./contacts.ts";
import { Corrections } from "./corrections.ts";
import { LocalHealth } from "./local_health.ts";
import { asUpdate, hasLeft, type Member, type MemberFacts, type MemberUpdate, type NodeId } from "./member.ts";
import type { MemberTable } from "./member_table.ts";
import type { MembershipMessage, Opinion, Status } from "./message.ts";
import type { Channel, Destination, MembershipPort } from "./port.ts";
import type { MembershipConfig } from "./preset.ts";
import { Prober } from "./probe.ts";
import { Relay } from "./relay.ts";

/** Full lists differ while news spreads; they are exchanged only when ours has been quiet for so long, in milliseconds. */
const QUIET_MS = 2_000;
/** A path is given up when it gave no answer for so many rounds of probing everybody. */
const PATH_SILENT_ROUNDS = 3;
/** Waves in which everybody is told that we leave: one lost packet must not turn `Leaving` into `Dead`. */
const LEAVE_WAVES = 3;
const LEAVE_WAVE_MS = 40;
/** Members told directly in each wave; the rest hears it from them. */
const LEAVE_FANOUT_MAX = 64;

/** SWIM with Lifeguard, as one state machine over {@link MembershipPort}: takes messages in, and probes. */
export class Membership {
  readonly health: LocalHealth;
  readonly #beliefs: Beliefs;
  readonly #corrections: Corrections;
  readonly #prober: Prober;
  readonly #relay: Relay;
  readonly #contacts: Contacts;

  constructor(
    private readonly self: NodeId,
    private readonly port: MembershipPort,
    private readonly config: MembershipConfig,
  ) {
    this.health = new LocalHealth(config.localHealthMax);
    this.#contacts = new Contacts(port);
    this.#beliefs = new Beliefs(self, port, config, this.health, {
      probe: (member) => this.#prober.probe(member),
      call: (destination) => this.exchange(destination, { answer: true }),
    });
    this.#corrections = new Corrections(this.members, port);
    const roundTrip = (id: NodeId) => this.contact(id).roundTrip;
    this.#prober = new Prober(self, this.members, this.health, port, config, {
      acked: (target) => {
        this.health.better();
        this.#beliefs.suspicions.answered(target);
      },
      answered: (target, by, roundTripMs) =>
        this.#contacts.answered(target, { by, roundTripMs, silentMs: this.#pathSilentMs() }),
      failed: (target) => this.#beliefs.probeFailed(target),
      ping: (target, sequence, channel) =>
        this.#ping({ id: target.id, address: target.facts!.address }, sequence, channel),
      roundTrip,
    });
    this.#relay = new Relay(port, config, this.#prober, {
      ping: (to, sequence) => this.#ping(to, sequence, "packet"),
      roundTrip,
    });
  }

  get members(): MemberTable {
    return this.#beliefs.members;
  }

  /** This server's own entry. */
  get own(): Member {
    return this.#beliefs.own;
  }

  /** Takes its place among the members remembered from disk, and begins to probe. */
  start(place: Parameters<Beliefs["begin"]>[0]): void {
    this.#beliefs.begin(place);
    this.#prober.start();
  }

  /** What is known of talking with `id`. */
  contact(id: NodeId): Contact {
    return this.#contacts.get(id);
  }

  /** Says something new of itself; the incarnation grows, so everybody takes it over. */
  updateFacts(facts: Partial<MemberFacts>): void {
    this.#beliefs.restate(facts);
  }

  /** Tells one member what this server says of itself, for what is sent to it next to be understood. */
  introduce({ id, facts }: Member): void {
    if (facts === undefined) return;
    this.port.send({ id, address: facts.address }, "packet", { kind: "gossip", updates: [asUpdate(this.own)] });
  }

  /** Tells the others that this server leaves, for now or for good. From here on it neither probes nor refutes. */
  leave({ forGood }: { forGood: boolean }): void {
    this.#beliefs.leave(forGood ? "left" : "leaving");
    const wave = (left: number) => {
      if (left === 0) return;
      const told = this.members.sample(
        LEAVE_FANOUT_MAX,
        this.port.random,
        (member) => this.#beliefs.isOtherLive(member),
      );
      for (const member of told) this.introduce(member);
      this.port.after(LEAVE_WAVE_MS, () => wave(left - 1));
    };
    wave(LEAVE_WAVES);
  }

  /** Removes a member everywhere and for ever: if it comes back, it needs a new id. */
  forget(id: NodeId): void {
    this.#beliefs.forget(id);
  }

  /** Tells whoever answers at `destination` our member list, and asks for its own. */
  exchange(destination: Destination, { answer }: { answer: boolean }): void {
    const members = [asUpdate(this.own)];
    for (const member of this.members.all()) if (member.id !== this.self) members.push(asUpdate(member));
    this.port.send(destination, "stream", { kind: "members", members, status: this.port.status(), answer });
  }

  /** Another process with our id sent its member list: whose place it is gets settled, and it hears of us. */
  metTwin(twin: MemberFacts, { replyTo, answer }: { replyTo: Destination; answer: boolean }): void {
    this.#beliefs.metTwin(twin);
    if (answer) this.exchange(replyTo, { answer: false });
  }

  /** Handles one authenticated message; `replyTo` is where it came from. */
  receive(from: NodeId, message: MembershipMessage, replyTo: Destination, channel: Channel): void {
    switch (message.kind) {
      case "ping":
        this.#beliefs.hear(message.updates, from);
        if (message.target !== this.self) return; // Meant for whoever had this address before.
        this.port.send(replyTo, channel, {
          kind: "ack",
          sequence: message.sequence,
          status: this.port.status(),
          updates: this.#piggyback(from),
        });
        return this.#heard(from, message.status, replyTo, channel);
      case "ack":
        this.#beliefs.hear(message.updates, from);
        if (!this.#relay.acked(message.sequence, from)) this.#prober.acked(message.sequence, from);
        return this.#heard(from, message.status, replyTo, channel);
      case "ping_req":
        this.#beliefs.hear(message.updates, from);
        if (!this.#corrections.hasSaidGoodbye(message.target, replyTo)) this.#relay.help(message, replyTo);
        return;
      case "relayed_ack":
        return this.#prober.acked(message.sequence, message.target);
      case "nack":
        return this.#prober.nacked(message.sequence, from);
      case "gossip":
        this.#beliefs.hear(message.updates, from);
        return this.#corrections.correct(message.updates, replyTo);
      case "members":
        this.contact(from).exchangedMs = this.port.nowMs();
        this.#beliefs.hear(message.members, from);
        this.#heard(from, message.status, replyTo, channel); // What that begins arrives before the answer does.
        if (message.answer) this.exchange(replyTo, { answer: false });
        return;
    }
  }

  /** What this server thinks of each other member. */
  opinions(): Opinion[] {
    const opinions: Opinion[] = [];
    for (const member of this.members.all()) {
      if (member.id !== this.self && member.state !== "left") opinions.push(this.#contacts.opinion(member));
    }
    return opinions;
  }

  /** This process did not run for `asleepMs`: what it believes of the others is old, and they could not answer. */
  slept(asleepMs: number): void {
    this.#prober.slept();
    this.#contacts.slept();
    this.#beliefs.suspicions.slept(asleepMs);
    this.health.worse();
    this.port.log("info", "This process was paused", { asleepMs: Math.round(asleepMs) });
  }

  #heard(from: NodeId, status: Status, replyTo: Destination, channel: Channel): void {
    this.#beliefs.vouchFor(from, status.incarnation);
    if (!this.#beliefs.isLeaving) this.#corrections.remind(from, status, replyTo, channel);
    this.#contacts.toldTime(from, status);
    this.port.heard(from, status);
    if (status.membersFingerprint === this.members.fingerprint || this.#beliefs.isLeaving) return;
    const nowMs = this.port.nowMs();
    const member = this.members.get(from);
    const contact = this.contact(from);
    if (member?.facts === undefined || nowMs - contact.exchangedMs < this.config.membersExchangeMs) return;
    if (hasLeft(member.state)) return; // A packet from before its goodbye.
    if (this.#beliefs.unchangedMs < QUIET_MS || !this.#beliefs.gossip.isQuiet) return;
    contact.exchangedMs = nowMs;
    this.exchange({ id: from, address: member.facts.address }, { answer: true });
  }

  #ping(to: Destination & { id: NodeId }, sequence: number, channel: Channel): void {
    this.port.send(to, channel, {
      kind: "ping",
      sequence,
      target: to.id,
      status: this.port.status(),
      updates: this.#piggyback(to.id),
    });
  }

  /** News for one packet; who is suspected hears it first, so that it can refute at once (Lifeguard's buddy notice). */
  #piggyback(to: NodeId): MemberUpdate[] {
    const { gossip } = this.#beliefs;
    const member = this.members.get(to);
    if (member === undefined || member.state === "alive" || member.state === "left") {
      return gossip.take(this.port.piggybackBytesMax);
    }
    const notice: MemberUpdate = { id: member.id, incarnation: member.incarnation, state: member.state, by: this.self };
    return [notice, ...gossip.take(this.port.piggybackBytesMax - this.port.measure(notice))];
  }

  /** Several rounds of probing everybody. */
  #pathSilentMs(): number {
    return PATH_SILENT_ROUNDS * this.config.probePeriodMs * Math.max(1, this.members.liveCount - 1);
  }
}
