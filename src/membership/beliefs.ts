import { Gossip } from "./gossip.ts";
import type { LocalHealth } from "./local_health.ts";
import {
  asUpdate,
  isLive,
  type Member,
  type MemberFacts,
  type MemberState,
  type MemberUpdate,
  type NodeId,
} from "./member.ts";
import { MemberTable } from "./member_table.ts";
import { OwnPlace } from "./own_place.ts";
import type { Destination, MembershipPort } from "./port.ts";
import type { MembershipConfig } from "./preset.ts";
import { Retry } from "./retry.ts";
import { leastSuspicionMs, Suspicions } from "./suspicion.ts";

/** Greatest incarnation of a member that was not known, and greatest growth of one that was, by one statement. */
const INCARNATION_MAX = 2 ** 40;
const INCARNATION_STEP_MAX = 2 ** 20;
/** A death told by others is believed when the suspicion here has lasted for this share of the least. */
const OLD_SUSPICION_SHARE = 0.5;
/** Members asked before a suspicion ends, and how many of all look at the suspect once more themselves. */
const LAST_CALL_ASKED = 6;
const LAST_CALL_PROBES = 16;
/** A new suspicion is looked into at once by about so many members, so that it is soon confirmed or refuted. */
const SECOND_OPINIONS = 6;

/** What a change of belief sets going. */
export interface BeliefsPort {
  /** Looks at a member once more, out of turn. */
  probe(member: Member): void;
  /** Tells a member that was given up our list, should it be back. */
  call(destination: Destination): void;
}

/**
 * What this server believes of every member. Statements are weighed, change the table, start and end suspicions and retries, and
 * are passed on where they were news.
 */
export class Beliefs {
  readonly members = new MemberTable();
  readonly gossip: Gossip;
  readonly suspicions: Suspicions;
  readonly #ownPlace: OwnPlace;
  readonly #retries = new Map<NodeId, Retry>();
  #changedMs = -Infinity;
  #leaving = false;

  constructor(
    private readonly self: NodeId,
    private readonly port: MembershipPort,
    private readonly config: MembershipConfig,
    private readonly health: LocalHealth,
    private readonly actions: BeliefsPort,
  ) {
    this.#ownPlace = new OwnPlace(port);
    this.gossip = new Gossip(port, config, this.members, (member) => this.isOtherLive(member));
    this.suspicions = new Suspicions(port, config, () => this.members.liveCount, {
      lastCall: (id) => this.#lastCall(id),
      expired: (id) => this.#declareDead(id),
    });
  }

  /** This server's own entry. */
  get own(): Member {
    return this.members.get(this.self)!;
  }

  /** This server has said goodbye: it accuses nobody any more, and does not refute. */
  get isLeaving(): boolean {
    return this.#leaving;
  }

  /** How long no member has changed, in milliseconds. */
  get unchangedMs(): number {
    return this.port.nowMs() - this.#changedMs;
  }

  /** Takes its place among the members remembered from disk. @param incarnation the last that this server used */
  begin({ facts, incarnation, remembered }: {
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
  }

  /** Says something new of this server; the incarnation grows, so everybody takes it over. */
  restate(facts: Partial<MemberFacts>): void {
    this.#apply(this.#say({ incarnation: this.own.incarnation + 1, state: this.own.state, facts }), { spread: true });
  }

  /** Says goodbye. */
  leave(state: "leaving" | "left"): void {
    this.#leaving = true;
    this.#apply(this.#say({ incarnation: this.own.incarnation + 1, state }), { spread: true });
  }

  /** Removes a member everywhere and for ever. */
  forget(id: NodeId): void {
    const member = this.members.get(id);
    if (member === undefined || id === this.self) return;
    this.#apply({ id, incarnation: member.incarnation, state: "left", by: this.self }, { spread: true });
  }

  /** What `from` says of the members. */
  hear(updates: readonly MemberUpdate[], from: NodeId): void {
    for (const update of updates) this.#apply(this.#weighed(update, from), { spread: true });
  }

  /** A member says itself with which incarnation it runs: it needs nobody to pass its refutation on. */
  vouchFor(id: NodeId, incarnation: number): void {
    const member = this.members.get(id);
    if (member === undefined || incarnation <= member.incarnation) return;
    if (member.state === "suspect" || member.state === "dead") {
      this.#apply({ id, incarnation, state: "alive" }, { spread: true });
    }
  }

  /** Another process runs with our id: whose place it is gets settled. */
  metTwin(twin: MemberFacts): void {
    this.#ownPlace.met(twin, this.own);
  }

  /** A probe of `target` was not answered, by no way. */
  probeFailed(target: NodeId): void {
    if (this.#leaving) return;
    this.health.worse();
    const member = this.members.get(target);
    if (member === undefined || !isLive(member.state)) return;
    this.port.log("debug", "Probe failed", { member: target, incarnation: member.incarnation });
    this.#apply({ id: target, incarnation: member.incarnation, state: "suspect", by: this.self }, { spread: true });
  }

  isOtherLive(member: Member): boolean {
    return member.id !== this.self && member.facts !== undefined && isLive(member.state);
  }

  /** A new statement of our own. */
  #say(
    { incarnation, state, facts }: { incarnation: number; state: MemberState; facts?: Partial<MemberFacts> },
  ): MemberUpdate {
    return { id: this.self, incarnation, state, facts: { ...this.own.facts!, ...facts, saidAt: incarnation } };
  }

  /**
   * A death told by others is one more accusation, until the accused has had time to answer one here: a server that comes back from
   * isolation believes everybody else dead. In a true death the suspicion has long been told to all.
   */
  #weighed(update: MemberUpdate, from: NodeId): MemberUpdate {
    const member = update.state === "dead" && update.id !== this.self ? this.members.get(update.id) : undefined;
    if (member === undefined || !isLive(member.state)) return update;
    const suspectedMs = this.suspicions.ageMs(update.id);
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
    this.#changedMs = this.port.nowMs();
    this.#follow(member, update);
    if (spread) this.gossip.spread(update.facts === undefined ? update : { ...asUpdate(member), by: update.by });
    this.port.changed(member, before);
  }

  /** Starts and stops what hangs on a member's state: suspicion, retries. */
  #follow(member: Member, update: MemberUpdate): void {
    if (member.id === this.self) return;
    this.suspicions.clear(member.id); // Another incarnation defends itself anew.
    if (member.state === "suspect") {
      this.suspicions.accuse(member.id, update.by ?? this.self);
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
    if (this.suspicions.accuse(update.id, update.by)) this.gossip.spread(update);
  }

  #secondOpinion(member: Member, update: MemberUpdate): void {
    if (update.by === this.self) return;
    const asked = Math.min(1, SECOND_OPINIONS / Math.max(1, this.members.liveCount - 2));
    if (this.port.random.float() < asked) this.actions.probe(member);
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
      (other) => other.id !== id && this.isOtherLive(other),
    );
    for (const { id, facts } of asked) {
      this.port.send({ id, address: facts!.address }, "packet", { kind: "gossip", updates: [accusation] });
    }
    if (this.port.random.float() < LAST_CALL_PROBES / this.members.liveCount) this.actions.probe(member);
  }

  #declareDead(id: NodeId): void {
    const member = this.members.get(id);
    if (this.#leaving || member === undefined || member.state !== "suspect") return;
    this.#apply({ id, incarnation: member.incarnation, state: "dead", by: this.self }, { spread: true });
  }

  #retryDead(id: NodeId): void {
    const retry = new Retry(this.port, this.config, () => {
      const member = this.members.get(id);
      if (member?.facts === undefined || this.#leaving) return;
      this.actions.call({ id, address: member.facts.address });
    });
    this.#retries.set(id, retry);
    retry.start({ immediately: false });
  }

  #refute({ incarnation, state, by }: MemberUpdate): void {
    if (state === "suspect" || state === "dead") this.health.worse();
    const refuted = this.#say({ incarnation: incarnation + 1, state: "alive" });
    this.members.apply(refuted, this.port.nowMs());
    this.gossip.spread(refuted);
    this.port.log("debug", "Refuted a statement about this server", { said: state, by, incarnation });
    this.port.changed(this.own, "alive");
  }
}
