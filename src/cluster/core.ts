import {
  asUpdate,
  type Channel,
  type Destination,
  isLive,
  type Member,
  Membership,
  type MemberState,
  type NodeId,
  type Status,
} from "../membership/mod.ts";
import { Absences } from "./absences.ts";
import type { CoreOptions } from "./core_options.ts";
import { isWhole } from "./data_set.ts";
import type { Effect, Event, Now } from "./effect.ts";
import { JOIN_PATIENCE_MS, Joiner } from "./joiner.ts";
import { MemberNames } from "./member_names.ts";
import type { Message } from "./message.ts";
import type { RecordTable } from "./record_table.ts";
import { Replication } from "./replication.ts";
import { contactReach, type MemberStatus, ownReach, type Readiness } from "./standing.ts";
import { Survey } from "./survey.ts";
import { Timers } from "./timers.ts";
import { TroubleWatch } from "./trouble_watch.ts";
import { CLOCK_PATIENCE_MS } from "./write_clock.ts";

/** Timers later than this, in milliseconds, mean that the process was paused, or starved: others cannot be blamed for silence. */
const ASLEEP_MS = 250;
/** Remembered members that a starting server asks for their list; probes find out what all of these do not know. */
const START_EXCHANGES = 3;
/** Bytes of a ping or ack and of a gossip beside their statements, at most: ids, sequence, roots. */
const PING_BYTES = 300;
const GOSSIP_BYTES = 40;

/**
 * One server's protocol: takes events with the time they happened at, gives effects, does nothing else. The same events in the same
 * order with the same seed give the same effects.
 */
export class Core {
  readonly membership: Membership;
  readonly #options: CoreOptions;
  readonly #timers = new Timers();
  readonly #joiner: Joiner;
  readonly #replication: Replication;
  readonly #survey: Survey;
  readonly #troubles: TroubleWatch;
  readonly #names = new MemberNames();
  readonly #absences: Absences;
  #effects: Effect[] = [];
  #now: Now = { wallMs: 0, monotonicMs: 0 };
  #startedMs = 0;
  #leaving = false;
  #lastRemember = 0;
  #diskRefuses = false;
  #sleptBeforeMs: number | undefined;

  constructor(options: CoreOptions) {
    this.#options = options;
    const { nodeId, random, config, remembered } = options;
    this.#absences = new Absences(remembered.members);

    const port = {
      random,
      nowMs: () => this.#now.monotonicMs,
      wallMs: () => this.#now.wallMs,
      after: (delayMs: number, callback: () => void) =>
        this.#timers.at(this.#now.monotonicMs + Math.max(0, delayMs), callback),
      log: (level: "debug" | "info" | "warn", message: string, fields: Record<string, unknown>) =>
        this.#emit({ kind: "log", level, message, fields }),
    };
    this.membership = new Membership(nodeId, {
      ...port,
      send: (to, channel, message) => this.#emit({ kind: "send", to, channel, message }),
      measure: options.measure,
      hasDatagrams: options.hasDatagrams,
      piggybackBytesMax: Math.max(0, options.packetBytesMax - PING_BYTES),
      gossipBytesMax: Math.max(0, options.packetBytesMax - GOSSIP_BYTES),
      status: () => this.#status(),
      changed: (member, before) => this.#memberChanged(member, before),
      heard: (id, status) => this.#heard(id, status),
      expelled: (reason) => this.#emit({ kind: "expelled", reason }),
    }, config);
    const others = {
      self: nodeId,
      member: (id: NodeId) => this.membership.members.get(id),
      members: () => this.membership.members.all(),
    };
    this.#survey = new Survey({
      ...port,
      ...others,
      send: (to, message) => this.#sendToMember(to, "stream", message),
      opinions: () => this.membership.opinions(),
      informed: (from, request, opinions) => this.#emit({ kind: "opinions", from, request, opinions }),
    });
    this.#troubles = new TroubleWatch({
      ...port,
      ...others,
      tryStream: (address) =>
        this.#emit({
          kind: "send",
          to: { address }, // By name an open stream would do, and say nothing of the address.
          channel: "stream",
          message: { kind: "opinions_req", request: 0 },
        }),
      clockOffsetMs: (id) => this.membership.contact(id).clockOffsetMs,
      changed: () => this.#emit({ kind: "status" }),
    });
    this.#joiner = new Joiner(nodeId, options.peers, this.membership.members, port, config, (address) => {
      if (!this.#leaving) this.membership.exchange({ address }, { answer: true });
    });
    this.#replication = new Replication(options, this.membership, {
      ...port,
      emit: (effect) => this.#emit(effect),
      sinceStartMs: () => this.#now.monotonicMs - this.#startedMs,
      isJoining: () => this.readiness.kind === "joining",
      refusesWrites: (id) => this.#troubles.refusesWrites(id),
      lastRemember: () => this.#lastRemember,
    });
  }

  /** When {@link step} wants a `timer` event, in monotonic milliseconds; undefined: not before another event. */
  get nextTimerMs(): number | undefined {
    return this.#timers.nextMs;
  }

  get table(): RecordTable {
    return this.#replication.table;
  }

  get lineage(): string | undefined {
    return this.#replication.dataSet.lineage;
  }

  /** Commits under way or waiting. */
  get pendingCount(): number {
    return this.#replication.pendingCount;
  }

  /** Records whose newest version waits until its time has come: another server's clock was ahead. */
  get quarantined(): number {
    return this.#replication.quarantined;
  }

  /** Handles one event that happened at `now`; the monotonic clock never goes back between calls. */
  step(event: Event, now: Now): Effect[] {
    this.#now = now;
    this.#effects = [];
    const lateMs = now.monotonicMs - (this.#timers.nextMs ?? Infinity);
    if (lateMs > ASLEEP_MS && this.#timers.nextMs !== this.#sleptBeforeMs) {
      this.#sleptBeforeMs = this.#timers.nextMs; // The timers still wait for their own event: asleep only once.
      this.membership.slept(lateMs);
    }
    try {
      this.#handle(event);
    } catch (error) { // A bug of ours: what was decided before it still has to happen, a commit above all.
      this.#log("error", "Cannot handle an event", { event: event.kind, error });
    }
    this.#replication.flush();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Where this server stands before it has data. */
  get readiness(): Readiness {
    const tried = this.#joiner.tried;
    if (this.#replication.dataSet.isCopying) {
      return { kind: "joining", tried, progress: this.#replication.copyProgress };
    }
    if (this.#replication.dataSet.lineage !== undefined) return { kind: "ready" };
    const waited = this.#now.monotonicMs - this.#startedMs >= JOIN_PATIENCE_MS;
    return { kind: waited || this.#joiner.allAnswered ? "setup_needed" : "joining", tried };
  }

  /** Every member as this server sees it, itself included, in no particular order. */
  get memberStatuses(): MemberStatus[] {
    const { nodeId } = this.#options;
    const statuses: MemberStatus[] = [];
    const members = [...this.membership.members.all()].filter(({ state }) => state !== "left");
    const { short, labelled } = this.#names.of(members);
    for (const { id, state, incarnation, facts } of members) {
      const self = id === nodeId;
      const sync = this.#replication.syncs.get(id);
      statuses.push({
        id,
        self,
        state,
        incarnation,
        facts,
        shortId: short.get(id)!,
        label: labelled.get(id)!,
        ...(self ? ownReach(this.#now.wallMs) : contactReach(this.membership.contact(id), {
          state,
          hasDatagrams: this.#options.hasDatagrams,
          isUnreachable: this.#troubles.isUnreachable(id),
        })),
        records: self ? this.#replication.table.size : sync?.records,
        inSync: self ? true : isLive(state) ? sync?.inSync : undefined, // Who is gone has missed what came since.
        problem: this.#problemOf({ id, state, facts }),
        isForeign: this.#replication.dataSet.problemOf(facts) !== undefined,
      });
    }
    return statuses;
  }

  /** The gravest first. */
  #problemOf({ id, state, facts }: Pick<Member, "id" | "state" | "facts">): string | undefined {
    const problems = [this.#replication.dataSet.problemOf(facts)];
    if (id === this.#options.nodeId) {
      problems.push(
        this.#diskRefuses ? "its disk refuses writes" : undefined,
        this.#replication.writes.clockProblem ?? this.#troubles.ownClock,
      );
    } else if (isLive(state)) problems.push(...this.#troubles.troublesOf(id));
    else problems.push(this.#replacementOf({ id, facts }) ?? this.#absences.problemOf(id, this.#now.wallMs));
    return problems.filter((problem) => problem !== undefined).join("; ") || undefined;
  }

  /** A server that lost its data folder comes back under another id, and leaves this one behind. */
  #replacementOf({ id, facts }: Pick<Member, "id" | "facts">): string | undefined {
    for (const other of this.membership.members.all()) {
      if (other.id === id || !isLive(other.state) || other.facts?.address !== facts?.address) continue;
      return `another server is at its address: if that took its place, have it forgotten with "knot cluster forget ${id}"`;
    }
    return undefined;
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case "started":
        return this.#start();
      case "timer":
        return this.#timers.run(this.#now.monotonicMs);
      case "message":
        return this.#receive(event);
      case "unreachable":
        this.#troubles.failed(event.to, event.reason);
        if (this.#joiner.failed(event.to.address, event.reason)) {
          this.#log("warn", "Cannot reach a configured peer: trying on", {
            address: event.to.address,
            reason: event.reason,
          });
        }
        return;
      case "own_address":
        return this.#joiner.answered(event.address, this.#options.nodeId, { populated: false });
      case "disconnected":
        return this.#replication.disconnected(event.id);
      case "write":
        return this.#replication.writes.take(event);
      case "committed":
        return this.#replication.committed(event.tokens);
      case "failed":
        return this.#replication.failed(event.token, event.reason);
      case "remembered":
        return this.#replication.remembered(event.number);
      case "leaving":
        this.#leaving = true;
        this.#replication.stop();
        return this.membership.leave(event);
      case "forget":
        return this.membership.forget(event.id);
      case "ask_opinions":
        return this.#survey.ask(event.request);
      case "disk":
        this.#diskRefuses = event.refuses;
        return this.#emit({ kind: "status" });
    }
  }

  #start(): void {
    this.#startedMs = this.#now.monotonicMs;
    const { facts, remembered, nodeId } = this.#options;
    const before = remembered.members.find(({ id }) => id === nodeId);
    this.membership.start({
      facts: { ...facts, ...this.#replication.dataSet.start() },
      incarnation: (before?.incarnation ?? -1) + 1,
      remembered: remembered.members,
    });
    this.#replication.start();
    this.#joiner.start();
    // Former members are asked, too: the configured peers may be the ones that are gone. A few will do, probes find the others.
    const asked = this.membership.members.sample(
      START_EXCHANGES,
      this.#options.random,
      ({ id, facts, state }) => id !== nodeId && facts !== undefined && state !== "left",
    );
    for (const { id, facts } of asked) this.membership.exchange({ id, address: facts!.address }, { answer: true });
    this.#timers.at(this.#startedMs + CLOCK_PATIENCE_MS, () => this.#replication.writes.takeHeld({ anyway: true }));
    // Offers setup when nobody answered, even if nothing else happens until then.
    this.#timers.at(this.#startedMs + JOIN_PATIENCE_MS, () => this.#emit({ kind: "status" }));
  }

  #receive({ from, message, replyTo, channel }: Extract<Event, { kind: "message" }>): void {
    if (from === this.#options.nodeId) return this.#metOurselves(message, replyTo);
    this.membership.contact(from).lastContactMs = this.#now.wallMs;
    if (channel === "stream") this.#troubles.connected(from, replyTo.address);
    switch (message.kind) {
      case "push":
      case "push_ack":
      case "recent":
      case "later":
      case "compare":
      case "records":
      case "pull":
      case "part":
      case "gone":
      case "recall":
      case "dispute":
        return this.#replication.receive(from, message, channel);
      case "opinions_req":
      case "opinions":
        return this.#survey.receive(
          from,
          message,
          (answer) => this.#emit({ kind: "send", to: replyTo, channel: "stream", message: answer }),
        );
      case "members": {
        const sender = message.members.find(({ id }) => id === from);
        const populated = sender?.facts !== undefined && isWhole(sender.facts);
        // Whoever asks us is reached, too, where it says that it is.
        for (const address of [replyTo.address, sender?.facts?.address ?? ""]) {
          this.#joiner.answered(address, from, { populated });
        }
        this.#emit({ kind: "status" });
        return this.membership.receive(from, message, replyTo, channel);
      }
      default:
        return this.membership.receive(from, message, replyTo, channel);
    }
  }

  #metOurselves(message: Message, replyTo: Destination): void {
    if (message.kind !== "members") return;
    const sender = message.members.find(({ id }) => id === this.#options.nodeId);
    if (sender?.facts?.bootId === this.#options.facts.bootId) {
      this.#joiner.answered(replyTo.address, this.#options.nodeId, { populated: false });
      return this.#emit({ kind: "status" });
    }
    if (sender?.facts !== undefined) this.membership.metTwin(sender.facts, { replyTo, answer: message.answer });
  }

  #memberChanged(member: Member, before: MemberState | undefined): void {
    const isSelf = member.id === this.#options.nodeId;
    if (!isSelf && !isLive(member.state)) this.#dropMember(member.id);
    if (!isSelf && before !== member.state) {
      this.#log("info", before === undefined ? "Member found" : "Member changed state", {
        member: member.id,
        zone: member.facts?.zone,
        address: member.facts?.address,
        state: member.state,
        before,
      });
    }
    this.#absences.changed(member, this.#now.wallMs);
    const goneSinceMs = this.#absences.sinceMs(member.id);
    this.#emit({
      kind: "remember",
      number: ++this.#lastRemember,
      members: [{ ...asUpdate(member), ...(goneSinceMs !== undefined && { goneSinceMs }) }],
    });
    this.#replication.memberChanged(member); // After its number was given: what is said of the members waits for that.
    this.#emit({ kind: "status" });
  }

  #dropMember(id: NodeId): void {
    this.#troubles.forget(id);
    this.#replication.memberGone(id);
    this.#emit({ kind: "disconnect", id });
  }

  #heard(id: NodeId, status: Status): void {
    this.#troubles.said(id, status);
    if (!this.#replication.roster.takesPackets(id)) this.#troubles.onlyStreams(id);
    this.#replication.heard(id, status);
  }

  #status(): Status {
    return {
      incarnation: this.membership.own.incarnation,
      membersFingerprint: this.membership.members.fingerprint,
      wallMs: Math.floor(this.#now.wallMs),
      ...(this.#diskRefuses && { diskRefuses: true }),
      ...this.#replication.status(),
    };
  }

  #sendToMember(id: NodeId, channel: Channel, message: Message): void {
    const address = this.membership.members.get(id)?.facts?.address;
    if (address !== undefined) this.#emit({ kind: "send", to: { id, address }, channel, message });
  }

  #log(level: "debug" | "info" | "warn" | "error", message: string, fields: Record<string, unknown>): void {
    this.#emit({ kind: "log", level, message, fields });
  }

  #emit(effect: Effect): void {
    this.#effects.push(effect);
  }
}
