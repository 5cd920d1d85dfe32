import { type Contact, Contacts } from "./contacts.ts";
import { Gossip } from "./gossip.ts";
import { LocalHealth } from "./local_health.ts";
import {
  hasLeft,
  isLive,
  type Member,
  type MemberFacts,
  type MemberState,
  type MemberUpdate,
  type NodeId,
} from "./member.ts";
import { MemberTable } from "./member_table.ts";
import type { MembershipMessage, Opinion, Status } from "./message.ts";
import { OwnPlace } from "./own_place.ts";
import type { Channel, Destination, MembershipPort } from "./port.ts";
import type { MembershipConfig } from "./preset.ts";
import { Prober } from "./probe.ts";
import { Relay } from "./relay.ts";
import { Retry } from "./retry.ts";
import { leastSuspicionMs, Suspicions } from "./suspicion.ts";

/** Full lists differ while news spreads; they are exchanged only when ours has been quiet for so long, in milliseconds. */
const QUIET_MS = 2_000;
/** Greatest incarnation of a member that was not known, and greatest growth of one that was, by one statement. */
const INCARNATION_MAX = 2 ** 40;
const INCARNATION_STEP_MAX = 2 ** 20;
/** A path is given up when it gave no answer for so many rounds of probing everybody. */
const PATH_SILENT_ROUNDS = 3;
/** Members asked before a suspicion ends, and how many of all look at the suspect once more themselves. */
const LAST_CALL_ASKED = 6;
const LAST_CALL_PROBES = 16;
/** Outdated accusations of one message that are put right. */
const CORRECTIONS_MAX = 3;
/** A death told by others is believed when the suspicion here has lasted for this share of the least. */
const OLD_SUSPICION_SHARE = 0.5;
/** Waves in which everybody is told that we leave: one lost packet must not turn `Leaving` into `Dead`. */
const LEAVE_WAVES = 3;
const LEAVE_WAVE_MS = 40;
/** Members told directly in each wave; the rest hears it from them. */
const LEAVE_FANOUT_MAX = 64;
/** A new suspicion is looked into at once by about so many members, so that it is soon confirmed or refuted. */
const SECOND_OPINIONS = 6;

/** SWIM with Lifeguard, as one state machine over {@link MembershipPort}. */
export class Membership {
  readonly members = new MemberTable();
  readonly health: LocalHealth;
  readonly #prober: Prober;
  readonly #relay: Relay;
  readonly #gossip: Gossip;
  readonly #suspicions: Suspicions;
  readonly #contacts: Contacts;
  readonly #ownPlace: OwnPlace;
  readonly #retries = new Map<NodeId, Retry>();
  #lastChangeMs = -Infinity;
  #leaving = false;

  constructor(
    private readonly self: NodeId,
    private readonly port: MembershipPort,
    private readonly config: MembershipConfig,
  ) {
    this.#contacts = new Contacts(port);
    this.#ownPlace = new OwnPlace(port);
    const roundTrip = (id: NodeId) => this.contact(id).roundTrip;
    this.health = new LocalHealth(config.localHealthMax);
    this.#gossip = new Gossip(port, config, this.members, (member) => this.#isOtherLive(member));
    this.#suspicions = new Suspicions(port, config, () => this.members.liveCount, {
      lastCall: (id) => this.#lastCall(id),
      expired: (id) => this.#declareDead(id),
    });
    this.#prober = new Prober(self, this.members, this.health, port, config, {
      acked: (target) => {
        this.health.better();
        this.#suspicions.answered(target);
      },
      answered: (target, by, roundTripMs) =>
        this.#contacts.answered(target, { by, roundTripMs, silentMs: this.#pathSilentMs() }),
      failed: (target) => this.#probeFailed(target),
      ping: (target, sequence, channel) =>
        this.#ping({ id: target.id, address: target.facts!.address }, sequence, channel),
      roundTrip,
    });
    this.#relay = new Relay(port, config, this.#prober, {
      ping: (to, sequence) => this.#ping(to, sequence, "packet"),
      roundTrip,
    });
  }

  /** Takes its place among the members remembered from disk, and begins to probe. */
  start({ facts, incarnation, remembered }: {
    facts: Omit<MemberFacts, "saidAt">;
    incarnation: number;
    remembered: readonly MemberUpdate[];
  }): void {
    for (const update of remembered) {
      if (update.id === this.self) continue;
      // A suspicion of before the restart has no timer any more: let the probes find out again.
      this.#apply({ ...update, state: update.state === "suspect" ? "alive" : update.state }, { spread: false });
    }
    const start = incarnation <= INCARNATION_MAX ? incarnation : 0; // A damaged row must not stop the server.
    this.#apply({ id: this.self, incarnation: start, state: "alive", facts: { ...facts, saidAt: start } }, {
      spread: true,
    });
    this.#prober.start();
  }

  /** This server's own entry. */
  get own(): Member {
    return this.members.get(this.self)!;
  }

  /** What is known of talking with `id`. */
  contact(id: NodeId): Contact {
    return this.#contacts.get(id);
  }

  /** Says something new of itself; the incarnation grows, so everybody takes it over. */
  updateFacts(facts: Partial<MemberFacts>): void {
    this.#apply(this.#say({ incarnation: this.own.incarnation + 1, state: this.own.state, facts }), { spread: true });
  }

  /** A new statement of our own. */
  #say(
    { incarnation, state, facts }: { incarnation: number; state: MemberState; facts?: Partial<MemberFacts> },
  ): MemberUpdate {
    return { id: this.self, incarnation, state, facts: { ...this.own.facts!, ...facts, saidAt: incarnation } };
  }

  /** Tells the others that this server leaves, for now or for good. From here on it neither probes nor refutes. */
  leave({ forGood }: { forGood: boolean }): void {
    this.#leaving = true;
    const state = forGood ? "left" : "leaving";
    this.#apply(this.#say({ incarnation: this.own.incarnation + 1, state }), { spread: true });
    const wave = (left: number) => {
      if (left === 0) return;
      const told = this.members.sample(LEAVE_FANOUT_MAX, this.port.random, (member) => this.#isOtherLive(member));
      for (const { id, facts } of told) {
        this.port.send({ id, address: facts!.address }, "packet", { kind: "gossip", updates: [asUpdate(this.own)] });
      }
      this.port.after(LEAVE_WAVE_MS, () => wave(left - 1));
    };
    wave(LEAVE_WAVES);
  }

  /** Removes a member everywhere and for ever: if it comes back, it needs a new id. */
  forget(id: NodeId): void {
    const member = this.members.get(id);
    if (member === undefined || id === this.self) return;
    this.#apply({ id, incarnation: member.incarnation, state: "left", by: this.self }, { spread: true });
  }

  /** Tells whoever answers at `destination` our member list, and asks for its own. */
  exchange(destination: Destination, { answer }: { answer: boolean }): void {
    const members = [asUpdate(this.own)];
    for (const member of this.members.all()) if (member.id !== this.self) members.push(asUpdate(member));
    this.port.send(destination, "stream", { kind: "members", members, status: this.port.status(), answer });
  }

  /** Another process with our id sent its member list: whose place it is gets settled, and it hears of us. */
  metTwin(twin: MemberFacts, { replyTo, answer }: { replyTo: Destination; answer: boolean }): void {
    this.#ownPlace.met(twin, this.own);
    if (answer) this.exchange(replyTo, { answer: false });
  }

  /** Handles one authenticated message; `replyTo` is where it came from. */
  receive(from: NodeId, message: MembershipMessage, replyTo: Destination, channel: Channel): void {
    switch (message.kind) {
      case "ping":
        this.#applyAll(message.updates, from);
        if (message.target !== this.self) return; // Meant for whoever had this address before.
        this.port.send(replyTo, channel, {
          kind: "ack",
          sequence: message.sequence,
          status: this.port.status(),
          updates: this.#piggyback(from),
        });
        return this.#heard(from, message.status, replyTo, channel);
      case "ack":
        this.#applyAll(message.updates, from);
        if (!this.#relay.acked(message.sequence, from)) this.#prober.acked(message.sequence, from);
        return this.#heard(from, message.status, replyTo, channel);
      case "ping_req":
        this.#applyAll(message.updates, from);
        return this.#help(message, replyTo);
      case "relayed_ack":
        return this.#prober.acked(message.sequence, message.target);
      case "nack":
        return this.#prober.nacked(message.sequence, from);
      case "gossip":
        this.#applyAll(message.updates, from);
        return this.#correct(message.updates, replyTo);
      case "members":
        this.contact(from).exchangedMs = this.port.nowMs();
        this.#applyAll(message.members, from);
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

  #heard(from: NodeId, status: Status, replyTo: Destination, channel: Channel): void {
    this.#vouchFor(from, status);
    this.#remind(from, status, replyTo, channel);
    this.#contacts.toldTime(from, status);
    this.port.heard(from, status);
    if (status.membersFingerprint === this.members.fingerprint || this.#leaving) return;
    const nowMs = this.port.nowMs();
    const member = this.members.get(from);
    const contact = this.contact(from);
    if (member?.facts === undefined || nowMs - contact.exchangedMs < this.config.membersExchangeMs) return;
    if (hasLeft(member.state)) return; // A packet from before its goodbye.
    if (nowMs - this.#lastChangeMs < QUIET_MS || !this.#gossip.isQuiet) return;
    contact.exchangedMs = nowMs;
    this.exchange({ id: from, address: member.facts.address }, { answer: true });
  }

  /** A member that says itself with which incarnation it runs needs nobody to pass its refutation on. */
  #vouchFor(from: NodeId, { incarnation }: Status): void {
    const member = this.members.get(from);
    if (member === undefined || incarnation <= member.incarnation) return;
    if (member.state === "suspect" || member.state === "dead") {
      this.#apply({ id: from, incarnation, state: "alive" }, { spread: true });
    }
  }

  /**
   * Who runs with an older incarnation than is known of it, or with the same one in another process, has lost its disk's last word,
   * or has a twin: it must hear of that.
   */
  #remind(from: NodeId, { incarnation }: Status, replyTo: Destination, channel: Channel): void {
    const member = this.members.get(from);
    if (member?.facts === undefined || incarnation > member.incarnation || this.#leaving) return;
    const isSameProcess = replyTo.bootId === undefined || replyTo.bootId === member.facts.bootId;
    if (incarnation === member.incarnation && isSameProcess) return;
    this.port.send(replyTo, channel, { kind: "gossip", updates: [asUpdate(member)] });
  }

  /** Tells a sender of outdated accusations what is known since: its copy of the refutation was lost. */
  #correct(updates: readonly MemberUpdate[], replyTo: Destination): void {
    const corrections: MemberUpdate[] = [];
    for (const { id, state, incarnation } of updates) {
      if ((state !== "suspect" && state !== "dead") || corrections.length >= CORRECTIONS_MAX) continue;
      const known = this.members.get(id);
      if (known === undefined || known.incarnation <= incarnation) continue;
      corrections.push(asUpdate(known));
    }
    if (corrections.length > 0) this.port.send(replyTo, "packet", { kind: "gossip", updates: corrections });
  }

  /** A suspicion is about to end in a death: was the refutation lost on its way to us? Asks a few, and some the suspect itself. */
  #lastCall(id: NodeId): void {
    const member = this.members.get(id);
    if (member?.state !== "suspect" || this.#leaving) return;
    // Without our name: it is no new accusation, only a question.
    const accusation: MemberUpdate = { id, incarnation: member.incarnation, state: "suspect" };
    const asked = this.members.sample(
      LAST_CALL_ASKED,
      this.port.random,
      (other) => other.id !== id && this.#isOtherLive(other),
    );
    for (const { id, facts } of asked) {
      this.port.send({ id, address: facts!.address }, "packet", { kind: "gossip", updates: [accusation] });
    }
    if (this.port.random.float() < LAST_CALL_PROBES / this.members.liveCount) this.#prober.probe(member);
  }

  /** Pings for another; of who has said goodbye it tells that instead. */
  #help(request: Extract<MembershipMessage, { kind: "ping_req" }>, replyTo: Destination): void {
    const target = this.members.get(request.target);
    if (target === undefined || !hasLeft(target.state)) return this.#relay.help(request, replyTo);
    this.port.send(replyTo, "packet", { kind: "gossip", updates: [asUpdate(target)] });
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
    const member = this.members.get(to);
    if (member === undefined || member.state === "alive" || member.state === "left") {
      return this.#gossip.take(this.port.piggybackBytesMax);
    }
    const notice: MemberUpdate = { id: member.id, incarnation: member.incarnation, state: member.state, by: this.self };
    return [notice, ...this.#gossip.take(this.port.piggybackBytesMax - this.port.measure(notice))];
  }

  /** Several rounds of probing everybody. */
  #pathSilentMs(): number {
    return PATH_SILENT_ROUNDS * this.config.probePeriodMs * Math.max(1, this.members.liveCount - 1);
  }

  /** This process did not run for `asleepMs`: what it believes of the others is old, and they could not answer. */
  slept(asleepMs: number): void {
    this.#prober.slept();
    this.#suspicions.slept(asleepMs);
    this.health.worse();
    this.port.log("info", "This process was paused", { asleepMs: Math.round(asleepMs) });
  }

  #probeFailed(target: NodeId): void {
    if (this.#leaving) return;
    this.health.worse();
    const member = this.members.get(target);
    if (member === undefined || !isLive(member.state)) return;
    this.port.log("debug", "Probe failed", { member: target, incarnation: member.incarnation });
    this.#apply({ id: target, incarnation: member.incarnation, state: "suspect", by: this.self }, { spread: true });
  }

  #declareDead(id: NodeId): void {
    const member = this.members.get(id);
    if (this.#leaving || member === undefined || member.state !== "suspect") return;
    this.#apply({ id, incarnation: member.incarnation, state: "dead", by: this.self }, { spread: true });
  }

  #applyAll(updates: readonly MemberUpdate[], from: NodeId): void {
    for (const update of updates) this.#apply(this.#weighed(update, from), { spread: true });
  }

  /**
   * A death told by others is one more accusation, until the accused has had time to answer one here: a server that comes back from
   * isolation believes everybody else dead. In a true death the suspicion has long been told to all.
   */
  #weighed(update: MemberUpdate, from: NodeId): MemberUpdate {
    const member = update.state === "dead" && update.id !== this.self ? this.members.get(update.id) : undefined;
    if (member === undefined || !isLive(member.state)) return update;
    const suspectedMs = this.#suspicions.ageMs(update.id);
    const isOld = suspectedMs !== undefined && member.incarnation === update.incarnation &&
      suspectedMs >= leastSuspicionMs(this.members.liveCount, this.config) * OLD_SUSPICION_SHARE;
    return isOld ? update : { ...update, state: "suspect", by: update.by ?? from };
  }

  /** No server restarts and refutes that often: made-up numbers must not leave it without one to refute with. */
  #isPlausible({ id, incarnation }: MemberUpdate): boolean {
    const known = this.members.get(id)?.incarnation;
    return incarnation <= (known === undefined ? INCARNATION_MAX : known + INCARNATION_STEP_MAX);
  }

  #apply(update: MemberUpdate, { spread }: { spread: boolean }): void {
    if (!this.#isPlausible(update)) return;
    if (update.id === this.self) {
      const verdict = this.#ownPlace.judge(update, this.members.get(this.self), { leaving: this.#leaving });
      if (verdict === "refute") this.#refute(update);
      if (verdict !== "apply") return;
    }
    const applied = this.members.apply(update, this.port.nowMs());
    if (applied.kind === "full") {
      const { address } = update.facts ?? {};
      return this.port.log("warn", "The member list is full: a new member is not taken in", {
        member: update.id,
        address,
      });
    }
    if (applied.kind === "unchanged") return this.#confirm(update);
    const { member, before } = applied;
    if (applied.kind === "facts") return this.port.changed(member, before);
    this.#lastChangeMs = this.port.nowMs();
    this.#follow(member, update);
    if (spread) this.#gossip.spread(update.facts === undefined ? update : { ...asUpdate(member), by: update.by });
    this.port.changed(member, before);
  }

  /** Starts and stops what hangs on a member's state: suspicion, retries. */
  #follow(member: Member, update: MemberUpdate): void {
    if (member.id === this.self) return;
    this.#suspicions.clear(member.id); // Another incarnation defends itself anew.
    if (member.state === "suspect") {
      this.#suspicions.accuse(member.id, update.by ?? this.self);
      this.#secondOpinion(member, update);
    }
    if (member.state === "dead") {
      if (!this.#retries.has(member.id)) this.#retryDead(member.id);
    } else {
      this.#retries.get(member.id)?.stop();
      this.#retries.delete(member.id);
    }
  }

  /** A further accuser of somebody already suspected: shortens the suspicion, and spreads while it counts. */
  #confirm(update: MemberUpdate): void {
    if (update.state !== "suspect" || update.by === undefined || update.id === this.self) return;
    const member = this.members.get(update.id);
    if (member?.state !== "suspect" || member.incarnation !== update.incarnation) return;
    if (this.#suspicions.accuse(update.id, update.by)) this.#gossip.spread(update);
  }

  #secondOpinion(member: Member, update: MemberUpdate): void {
    if (update.by === this.self) return;
    const asked = Math.min(1, SECOND_OPINIONS / Math.max(1, this.members.liveCount - 2));
    if (this.port.random.float() < asked) this.#prober.probe(member);
  }

  #retryDead(id: NodeId): void {
    const retry = new Retry(this.port, this.config, () => {
      const member = this.members.get(id);
      if (member?.facts === undefined || this.#leaving) return;
      this.exchange({ id, address: member.facts.address }, { answer: true });
    });
    this.#retries.set(id, retry);
    retry.start({ immediately: false });
  }

  #refute({ incarnation, state, by }: MemberUpdate): void {
    if (state === "suspect" || state === "dead") this.health.worse();
    const refuted = this.#say({ incarnation: incarnation + 1, state: "alive" });
    this.members.apply(refuted, this.port.nowMs());
    this.#gossip.spread(refuted);
    this.port.log("debug", "Refuted a statement about this server", { said: state, by, incarnation });
    this.port.changed(this.own, "alive");
  }

  #isOtherLive(member: Member): boolean {
    return member.id !== this.self && member.facts !== undefined && isLive(member.state);
  }
}

/** A member's entry as a statement. */
export function asUpdate(member: Member): MemberUpdate {
  const { id, incarnation, state, facts } = member;
  return { id, incarnation, state, ...(facts === undefined ? {} : { facts }) };
}
