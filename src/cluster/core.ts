import type { Random } from "../base/mod.ts";
import { PushAcks, Pusher } from "../dissemination/mod.ts";
import {
  asUpdate,
  type Channel,
  type Destination,
  hasLeft,
  isLive,
  type Member,
  type MemberFacts,
  Membership,
  type MembershipConfig,
  type MemberState,
  type MemberUpdate,
  type NodeId,
  type Status,
} from "../membership/mod.ts";
import { Reconciler, type ReconciliationMessage } from "../reconciliation/mod.ts";
import { HybridClock, readingAtEndOf, type Stamp } from "../records/mod.ts";
import { Absences, type RememberedMember } from "./absences.ts";
import { ADOPTION_TOKEN, DataSet, isWhole } from "./data_set.ts";
import type { Effect, Event, Now } from "./effect.ts";
import { Floors } from "./floors.ts";
import { HorizonWatch, type RememberedHorizon } from "./horizon_watch.ts";
import { JOIN_PATIENCE_MS, Joiner } from "./joiner.ts";
import type { LoadedRecords } from "./loaded_records.ts";
import type { Message } from "./message.ts";
import type { RecordTable } from "./record_table.ts";
import { Replica } from "./replica.ts";
import { Roster } from "./roster.ts";
import { contactReach, labels, type MemberStatus, ownReach, type Readiness, shortIds } from "./standing.ts";
import { Survey } from "./survey.ts";
import { SyncWatch } from "./sync_watch.ts";
import { Timers } from "./timers.ts";
import { TroubleWatch } from "./trouble_watch.ts";
import { CLOCK_PATIENCE_MS } from "./write_clock.ts";
import { Writes } from "./writes.ts";

/** Timers later than this, in milliseconds, mean that the process was paused, or starved: others cannot be blamed for silence. */
const ASLEEP_MS = 250;
/** How far the first copy is, is told so often, in milliseconds. */
const PROGRESS_MS = 2_000;
/** Remembered members that a starting server asks for their list; probes find out what all of these do not know. */
const START_EXCHANGES = 3;
/** Bytes of a ping or ack, a gossip and a push beside their statements and records, at most: ids, sequence, lineage, roots. */
const PING_BYTES = 300;
const GOSSIP_BYTES = 40;
const PUSH_BYTES = 80;
/** Hashes of one mention. */
const MENTION_BYTES_MIN = 7;

/** All that one core is made of. Everything that could differ between two runs is an argument. */
export interface CoreOptions {
  readonly nodeId: NodeId;
  readonly facts: Omit<MemberFacts, "lineage" | "copying" | "saidAt">;
  /** Configured peers. Without any, and without members, this is a server on its own. */
  readonly peers: readonly string[];
  readonly random: Random;
  readonly config: MembershipConfig;
  /** Encoded bytes of one statement about a member. */
  readonly measure: (update: MemberUpdate) => number;
  /** Plain bytes of a message in its envelope. */
  readonly measureMessage: (message: Message) => number;
  /** Plain bytes of an envelope that fit one datagram. */
  readonly packetBytesMax: number;
  /** False where packets share the stream: websockets, and `tcp_only`. */
  readonly hasDatagrams: boolean;
  /** What the store remembered. */
  readonly remembered: {
    readonly lineage: string | undefined;
    readonly copying: boolean;
    readonly floor: Stamp | undefined;
    readonly members: readonly RememberedMember[];
    /** The core's from now on. */
    readonly records: LoadedRecords;
  } & RememberedHorizon;
}

/**
 * One server's protocol: takes events with the time they happened at, gives effects, does nothing else. The same events in the same
 * order with the same seed give the same effects.
 */
export class Core {
  readonly table: RecordTable;
  readonly membership: Membership;
  readonly #options: CoreOptions;
  readonly #timers = new Timers();
  readonly #clock: HybridClock;
  readonly #dataSet: DataSet;
  readonly #replica: Replica;
  readonly #pusher: Pusher;
  readonly #acks: PushAcks;
  readonly #reconciler: Reconciler;
  readonly #joiner: Joiner;
  readonly #roster: Roster;
  readonly #writes: Writes;
  readonly #survey: Survey;
  readonly #troubles: TroubleWatch;
  readonly #syncs = new SyncWatch();
  readonly #absences: Absences;
  readonly #horizons: HorizonWatch;
  readonly #floors: Floors;
  #effects: Effect[] = [];
  #now: Now = { wallMs: 0, monotonicMs: 0 };
  #startedMs = 0;
  #lastChangeMs = -Infinity;
  #progressToldMs = -Infinity;
  #leaving = false;
  #diskRefuses = false;
  #sleptBeforeMs: number | undefined;

  constructor(options: CoreOptions) {
    this.#options = options;
    const { nodeId, random, config, remembered } = options;
    this.#clock = new HybridClock(nodeId, remembered.floor);
    this.#floors = new Floors(this.#clock, remembered.floor);
    this.#absences = new Absences(remembered.members);
    this.table = remembered.records.table;

    const port = {
      random,
      nowMs: () => this.#now.monotonicMs,
      wallMs: () => this.#now.wallMs,
      after: (delayMs: number, callback: () => void) =>
        this.#timers.at(this.#now.monotonicMs + Math.max(0, delayMs), callback),
      log: (level: "debug" | "info" | "warn", message: string, fields: Record<string, unknown>) =>
        this.#emit({ kind: "log", level, message, fields }),
      lineage: () => this.#dataSet.lineage,
      packed: (kind: string, id: string) => this.table.packed(kind, id),
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
    this.#roster = new Roster(nodeId, this.membership, {
      hasDatagrams: options.hasDatagrams,
      lineage: port.lineage,
      isCopying: () => this.#dataSet.isCopying,
    });
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
    this.#dataSet = new DataSet(remembered, {
      ...port,
      members: () => this.membership.members.all(),
      member: (id) => this.membership.members.get(id),
      commitAdoption: (lineage) => {
        this.#horizons.unsettle(); // What came while there was no data set is no deletion.
        this.#commit({ token: ADOPTION_TOKEN, rows: [], lineage, copying: true });
      },
      rememberCopied: () => this.#emit({ kind: "copied" }),
      announce: (facts) => {
        this.table.setLineage(facts.lineage);
        this.#horizons.lineageChanged();
        this.membership.updateFacts(facts);
      },
      compareWith: (id) => {
        this.#syncs.separated(id);
        this.#reconciler.begin(id, { atOnce: true });
      },
      nextJob: () => this.#replica.nextJob,
      isDoneBefore: (job) => this.#replica.isDoneBefore(job),
      changed: () => this.#emit({ kind: "status" }),
    });
    this.#joiner = new Joiner(nodeId, options.peers, this.membership.members, port, config, (address) => {
      if (!this.#leaving) this.membership.exchange({ address }, { answer: true });
    });
    this.#pusher = new Pusher({
      ...port,
      packetBytesMax: Math.max(0, options.packetBytesMax - PUSH_BYTES),
      send: (to, channel, message) => this.#sendToMember(to, channel, message),
      targets: () => this.#roster.targets(),
      timeoutMs: (id) => this.#roster.timeoutMs(id),
      lost: (id) => this.#syncs.lost(id),
      takesPackets: (id) => this.#roster.takesPackets(id),
      isReached: (id) => this.#roster.isReached(id),
      copied: (token, id) => this.#writes.copied(token, id),
    });
    this.#acks = new PushAcks((to, channel, sequences) =>
      this.#sendToMember(to, channel, { kind: "push_ack", sequences })
    );
    this.#replica = new Replica(this.table, this.#clock, {
      ...port,
      commit: (token, rows, also) => this.#commit({ token, rows, ...also }),
      written: (token, keys) => this.#writes.committed(token, keys),
      answered: (token, outcome) => this.#writes.refused(token, outcome),
      stored: ({ from, sequence, passOn, channel }, { all, news }) => {
        if (sequence === undefined) {
          const alike = this.#dataSet.isCopying
            ? []
            : this.#roster.targets().filter((id) => this.#syncs.get(id)?.inSync);
          return this.#pusher.tell(alike, news, { from });
        }
        this.#acks.add(from, channel, sequence);
        // Who asks may have told us before, and cannot know whether anybody else has it.
        const told = passOn ? all : news;
        if (told.length > 0) this.#pusher.passOn(told, { from, asked: passOn });
      },
      rewritten: (keys, token) => this.#pusher.push(keys, token),
      judge: (current, incoming) => this.#horizons.deleted.judge(current, incoming),
      horizon: () => this.#horizons.value,
      refused: (from, states) => this.#horizons.deleted.refused(from, states),
      tracked: (state) => {
        this.#horizons.deleted.track(state);
        this.#reconciler.arrivals.arrived(state.kind, state.id);
      },
      dropped: (keys) => {
        for (const [kind, id] of keys) this.#reconciler.arrivals.left(kind, id);
      },
      changed: (changes) => {
        this.#lastChangeMs = this.#now.monotonicMs;
        if (this.#dataSet.isCopying) this.#tellProgress();
        this.#emit({ kind: "changed", changes });
      },
    });
    this.#horizons = new HorizonWatch(nodeId, remembered, {
      ...port,
      members: () => this.membership.members.all(),
      state: (kind, id) => this.table.state(kind, id),
      floor: () => this.#floors.onDisk,
      lastReading: () => {
        const wall = readingAtEndOf(Math.max(0, Math.floor(this.#now.wallMs) - 1));
        return wall > this.#clock.reading ? wall : this.#clock.reading;
      },
      nextJob: () => this.#replica.nextJob,
      isDoneBefore: (job) => this.#replica.isDoneBefore(job),
      drop: (keys) => this.#replica.drop(keys),
      renew: (key) => this.#replica.rewrite(key, "renew"),
      keep: (kept) => this.#emit({ kind: "keep", kept }),
      send: (to, message) => this.#sendToMember(to, "stream", message),
    });
    this.#writes = new Writes(this.#dataSet, this.#replica, this.#roster, {
      ...port,
      sinceStartMs: () => this.#now.monotonicMs - this.#startedMs,
      isJoining: () => this.readiness.kind === "joining",
      lastStamp: () => this.#clock.last,
      horizonAheadMs: () => this.#horizons.isAheadByMs,
      answer: (token, outcome) => this.#emit({ kind: "written", token, outcome }),
      push: (keys, token) => this.#pusher.push(keys, token),
    });
    for (const { state, packed } of remembered.records.aside) this.#replica.remember(state, packed);
    this.#reconciler = new Reconciler({
      ...port,
      nodeId,
      send: (to, channel, message) =>
        this.#sendToMember(to, channel === "packet" && this.#fitsPacket(message) ? "packet" : "stream", message),
      takesPackets: (id) => this.#roster.takesPackets(id),
      timeoutMs: (id) => this.#roster.timeoutMs(id),
      index: () => this.table.index,
      hasLeft: (partner) => hasLeft(this.membership.members.get(partner)?.state ?? "left"),
      roots: (partner) => this.#syncs.get(partner)?.roots,
      stampMs: (kind, id) => this.table.stampMs(kind, id),
      received: (from, records, done) =>
        this.#replica.receive({ from, sequence: undefined, passOn: false, channel: "stream", records, done }),
      helpers: (partner) => this.#roster.helpers(partner),
      finished: (partner) => this.#dataSet.comparedWith(partner),
    });
  }

  /** When {@link step} wants a `timer` event, in monotonic milliseconds; undefined: not before another event. */
  get nextTimerMs(): number | undefined {
    return this.#timers.nextMs;
  }

  get lineage(): string | undefined {
    return this.#dataSet.lineage;
  }

  /** Commits under way or waiting. */
  get pendingCount(): number {
    return this.#replica.pendingCount;
  }

  /** Records whose newest version waits until its time has come: another server's clock was ahead. */
  get quarantined(): number {
    return this.#replica.quarantined;
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
    this.#acks.flush();
    this.#pusher.flush();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Where this server stands before it has data. */
  get readiness(): Readiness {
    const tried = this.#joiner.tried;
    if (this.#dataSet.isCopying) return { kind: "joining", tried, progress: this.#copyProgress };
    if (this.#dataSet.lineage !== undefined) return { kind: "ready" };
    const waited = this.#now.monotonicMs - this.#startedMs >= JOIN_PATIENCE_MS;
    return { kind: waited || this.#joiner.allAnswered ? "setup_needed" : "joining", tried };
  }

  get #copyProgress(): { received: number; expected: number } {
    const received = this.table.size;
    let expected = received;
    for (const id of this.#roster.targets()) expected = Math.max(expected, this.#syncs.get(id)?.records ?? 0);
    return { received, expected };
  }

  /** Every member as this server sees it, itself included, in no particular order. */
  get memberStatuses(): MemberStatus[] {
    const { nodeId } = this.#options;
    const statuses: MemberStatus[] = [];
    const members = [...this.membership.members.all()].filter(({ state }) => state !== "left");
    const short = shortIds(members.map(({ id }) => id));
    const labelled = labels(members, short);
    for (const { id, state, incarnation, facts } of members) {
      const self = id === nodeId;
      const sync = this.#syncs.get(id);
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
        records: self ? this.table.size : sync?.records,
        inSync: self ? true : isLive(state) ? sync?.inSync : undefined, // Who is gone has missed what came since.
        problem: this.#problemOf({ id, state, facts }),
        isForeign: this.#dataSet.problemOf(facts) !== undefined,
      });
    }
    return statuses;
  }

  /** The gravest first. */
  #problemOf({ id, state, facts }: Pick<Member, "id" | "state" | "facts">): string | undefined {
    const problems = [this.#dataSet.problemOf(facts)];
    if (id === this.#options.nodeId) {
      problems.push(
        this.#diskRefuses ? "its disk refuses writes" : undefined,
        this.#writes.clockProblem ?? this.#troubles.ownClock,
      );
    } else if (isLive(state)) problems.push(...this.#troubles.troublesOf(id));
    else problems.push(this.#absences.problemOf(id, this.#now.wallMs));
    return problems.filter((problem) => problem !== undefined).join("; ") || undefined;
  }

  #tellProgress(): void {
    if (this.#now.monotonicMs - this.#progressToldMs < PROGRESS_MS) return;
    this.#progressToldMs = this.#now.monotonicMs;
    this.#log("info", "Receiving the cluster's data", this.#copyProgress);
    this.#emit({ kind: "status" });
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
        return this.#reconciler.abandon(event.id);
      case "write":
        return this.#writes.take(event);
      case "committed":
        for (const token of event.tokens) this.#committed(token);
        this.#horizons.grow();
        return this.#dataSet.committed();
      case "failed":
        this.#floors.failed(event.token);
        if (event.token === ADOPTION_TOKEN) return this.#dataSet.adoptionFailed(event.reason);
        this.#replica.failed(event.token, event.reason);
        return this.#dataSet.committed();
      case "leaving":
        this.#leaving = true;
        this.#writes.stop();
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

  #committed(token: number): void {
    this.#floors.committed(token);
    if (token === ADOPTION_TOKEN) this.#dataSet.adopted();
    else this.#replica.committed(token);
  }

  #start(): void {
    this.#startedMs = this.#now.monotonicMs;
    const { facts, remembered, nodeId } = this.#options;
    const before = remembered.members.find(({ id }) => id === nodeId);
    this.membership.start({
      facts: { ...facts, ...this.#dataSet.start() },
      incarnation: (before?.incarnation ?? -1) + 1,
      remembered: remembered.members,
    });
    this.#emit({ kind: "keep", kept: { boots: remembered.boots } });
    this.#horizons.start({ alone: this.#options.peers.length === 0 });
    this.#joiner.start();
    // Former members are asked, too: the configured peers may be the ones that are gone. A few will do, probes find the others.
    const asked = this.membership.members.sample(
      START_EXCHANGES,
      this.#options.random,
      ({ id, facts, state }) => id !== nodeId && facts !== undefined && state !== "left",
    );
    for (const { id, facts } of asked) this.membership.exchange({ id, address: facts!.address }, { answer: true });
    this.#timers.at(this.#startedMs + CLOCK_PATIENCE_MS, () => this.#writes.takeHeld({ anyway: true }));
    // Offers setup when nobody answered, even if nothing else happens until then.
    this.#timers.at(this.#startedMs + JOIN_PATIENCE_MS, () => this.#emit({ kind: "status" }));
  }

  #receive({ from, message, replyTo, channel }: Extract<Event, { kind: "message" }>): void {
    if (from === this.#options.nodeId) return this.#metOurselves(message, replyTo);
    this.membership.contact(from).lastContactMs = this.#now.wallMs;
    if (channel === "stream") this.#troubles.connected(from, replyTo.address);
    switch (message.kind) {
      case "push":
        if (message.lineage !== this.#dataSet.lineage || this.#leaving || !this.#horizons.isHolder(from)) return;
        return this.#replica.receive({ ...message, from, channel });
      case "push_ack":
        return this.#pusher.acked(from, message.sequences);
      case "recent":
      case "compare":
      case "records":
      case "pull":
      case "part":
        return this.#reconcile(from, message, channel);
      case "gone":
        if (message.lineage === this.#dataSet.lineage && !this.#leaving) this.#horizons.gone(from, message);
        return;
      case "opinions_req":
      case "opinions":
        return this.#survey.receive(
          from,
          message,
          (answer) => this.#emit({ kind: "send", to: replyTo, channel: "stream", message: answer }),
        );
      case "recall":
        if (message.lineage === this.#dataSet.lineage) this.#horizons.recalled(from, message);
        return;
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

  #reconcile(from: NodeId, message: ReconciliationMessage, channel: Channel): void {
    const lineage = this.membership.members.get(from)?.facts?.lineage;
    if (this.#leaving || lineage !== this.#dataSet.lineage) return;
    // Nothing is taken from who was removed: all others count on having agreed without it.
    if (this.#horizons.isHolder(from)) this.#reconciler.receive(from, message, channel);
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
    this.#horizons.memberChanged(member);
    if (!isSelf && !this.#leaving) this.#dataSet.look(member);
    this.#absences.changed(member, this.#now.wallMs);
    const goneSinceMs = this.#absences.sinceMs(member.id);
    this.#emit({
      kind: "remember",
      members: [{ ...asUpdate(member), ...(goneSinceMs !== undefined && { goneSinceMs }) }],
    });
    this.#emit({ kind: "status" });
  }

  #dropMember(id: NodeId): void {
    this.#troubles.forget(id);
    this.#pusher.forget(id);
    this.#reconciler.abandon(id);
    this.#syncs.separated(id);
    this.#emit({ kind: "disconnect", id });
  }

  #heard(id: NodeId, status: Status): void {
    this.#troubles.said(id, status);
    if (!this.#roster.takesPackets(id)) this.#troubles.onlyStreams(id);
    this.#writes.takeHeld({ anyway: false });
    const member = this.membership.members.get(id);
    const facts = member?.facts;
    if (
      member === undefined || facts === undefined || facts.lineage === "" || facts.lineage !== this.#dataSet.lineage
    ) return;
    this.#clock.follow(status.floor, this.#now.wallMs);
    this.#horizons.heard(id, status);
    const equal = this.table.index.equals(status.roots);
    this.#horizons.compared(id, status, { equal, bootId: facts.bootId });
    const wasInSync = this.#syncs.get(id)?.inSync;
    const isBusy = !this.#pusher.isIdle(id) || this.#replica.pendingCount > 0;
    const compare = this.#syncs.heard(id, status, {
      bootId: facts.bootId,
      equal,
      quietMs: isBusy ? 0 : this.#now.monotonicMs - this.#lastChangeMs,
      nowMs: this.#now.monotonicMs,
    });
    if (equal) {
      this.#dataSet.comparedWith(id);
      this.#reconciler.agreed(id);
    }
    if (wasInSync !== equal) this.#emit({ kind: "status" });
    // Who copies asks by itself; two that copy have nothing for each other.
    // Who is behind the horizon holds what is gone here: it follows, and asks if that does not help.
    const isBehind = status.horizon < this.#horizons.value && status.agreedSet !== "";
    // What a full disk refuses would only be offered again and again.
    const takes = !facts.copying && !this.#troubles.refusesWrites(id);
    // Who speaks although it is dead here may have nothing of ours yet to notice a difference by.
    const atOnce = !isLive(member.state);
    if (compare && !this.#leaving && takes && !isBehind) this.#reconciler.begin(id, { atOnce });
  }

  #status(): Status {
    return {
      incarnation: this.membership.own.incarnation,
      membersFingerprint: this.membership.members.fingerprint,
      roots: this.table.index.roots,
      recordCount: this.table.size,
      wallMs: Math.floor(this.#now.wallMs),
      ...(this.#diskRefuses && { diskRefuses: true }),
      ...this.#horizons.status(),
    };
  }

  #commit(commit: Omit<Extract<Effect, { kind: "commit" }>, "kind" | "floor">): void {
    this.#emit({ kind: "commit", ...commit, floor: this.#floors.begin(commit.token, this.#now.wallMs) });
  }

  #fitsPacket(message: ReconciliationMessage): boolean {
    const { packetBytesMax, measureMessage } = this.#options;
    const records = "records" in message ? message.records : [];
    // Encoding a long message only to measure it would hold the thread.
    const mentions = message.kind === "recent" ? message.mentions.length * MENTION_BYTES_MIN : 0;
    const bytes = records.reduce((sum, record) => sum + record.length, mentions);
    return bytes < packetBytesMax && measureMessage(message) <= packetBytesMax;
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
