import type { CancelTimer, Random } from "../base/mod.ts";
import { PushAcks, Pusher } from "../dissemination/mod.ts";
import {
  type Channel,
  hasLeft,
  isLive,
  type Member,
  type Membership,
  type NodeId,
  type Status,
} from "../membership/mod.ts";
import { Reconciler, type ReconciliationMessage } from "../reconciliation/mod.ts";
import { HybridClock, readingAtEndOf } from "../records/mod.ts";
import type { CoreOptions } from "./core_options.ts";
import { ADOPTION_TOKEN, DataSet } from "./data_set.ts";
import type { Effect } from "./effect.ts";
import { Floors } from "./floors.ts";
import { HorizonWatch } from "./horizon_watch.ts";
import type { Message } from "./message.ts";
import { PushedCommits } from "./pushed_commits.ts";
import type { RecordTable } from "./record_table.ts";
import { Replica } from "./replica.ts";
import { Roster } from "./roster.ts";
import { SyncWatch } from "./sync_watch.ts";
import { Writes } from "./writes.ts";

/** How far the first copy is, is told so often, in milliseconds. */
const PROGRESS_MS = 2_000;
/** Bytes of a push beside its records, at most: ids, sequence, lineage. */
const PUSH_BYTES = 80;
/** Hashes of one mention. */
const MENTION_BYTES_MIN = 7;

/** A message about records. */
export type ReplicationMessage =
  | Extract<Message, { kind: "push" | "push_ack" | "gone" | "recall" | "dispute" }>
  | ReconciliationMessage;

/** What replication needs of the server around it. */
export interface ReplicationPort {
  readonly random: Random;
  nowMs(): number;
  wallMs(): number;
  after(delayMs: number, callback: () => void): CancelTimer;
  log(level: "debug" | "info" | "warn", message: string, fields: Record<string, unknown>): void;
  emit(effect: Effect): void;
  /** Milliseconds since this server started. */
  sinceStartMs(): number;
  /** No data set yet, and it is not known whether there is one. */
  isJoining(): boolean;
  /** A member said that its disk is full. */
  refusesWrites(id: NodeId): boolean;
  /** Number of the last `remember` effect. */
  lastRemember(): number;
}

/** Carries the records to all members: the data set, writes, pushes, comparisons, what is let go. */
export class Replication {
  readonly table: RecordTable;
  readonly dataSet: DataSet;
  readonly roster: Roster;
  readonly writes: Writes;
  readonly syncs = new SyncWatch();
  readonly #options: CoreOptions;
  readonly #membership: Membership;
  readonly #port: ReplicationPort;
  readonly #clock: HybridClock;
  readonly #floors: Floors;
  readonly #pushedCommits: PushedCommits;
  readonly #replica: Replica;
  readonly #pusher: Pusher;
  readonly #acks: PushAcks;
  readonly #reconciler: Reconciler;
  readonly #horizons: HorizonWatch;
  #lastChangeMs = -Infinity;
  #progressToldMs = -Infinity;
  #leaving = false;

  constructor(options: CoreOptions, membership: Membership, around: ReplicationPort) {
    this.#options = options;
    this.#membership = membership;
    this.#port = around;
    const { nodeId, remembered } = options;
    this.#clock = new HybridClock(nodeId, remembered.floor);
    this.#floors = new Floors(this.#clock, remembered.floor);
    this.table = remembered.records.table;
    const port = {
      ...around,
      lineage: () => this.dataSet.lineage,
      packed: (kind: string, id: string) => this.table.packed(kind, id),
    };
    this.roster = new Roster(nodeId, membership, {
      hasDatagrams: options.hasDatagrams,
      lineage: port.lineage,
      isCopying: () => this.dataSet.isCopying,
    });
    this.dataSet = new DataSet(remembered, {
      ...port,
      members: () => this.#membership.members.all(),
      member: (id) => this.#membership.members.get(id),
      isAlone: options.peers.length === 0,
      commitAdoption: (lineage) => {
        this.#horizons.unsettle(); // What came while there was no data set is no deletion.
        this.#commit({ token: ADOPTION_TOKEN, rows: [], lineage, copying: true });
      },
      rememberCopied: () => this.#port.emit({ kind: "copied" }),
      announce: (facts) => {
        this.table.setLineage(facts.lineage);
        this.#horizons.lineageChanged();
        this.#membership.updateFacts(facts);
      },
      compareWith: (id) => {
        this.syncs.separated(id);
        // Nobody compares with a member of which it has not heard that it holds the same data set.
        const member = this.#membership.members.get(id);
        if (member !== undefined) this.#membership.introduce(member);
        this.#reconciler.begin(id, { atOnce: true });
      },
      nextJob: () => this.#replica.nextJob,
      isDoneBefore: (job) => this.#replica.isDoneBefore(job),
      changed: () => this.#port.emit({ kind: "status" }),
    });
    this.#pusher = new Pusher({
      ...port,
      packetBytesMax: Math.max(0, options.packetBytesMax - PUSH_BYTES),
      send: (to, channel, message) => this.#sendToMember(to, channel, message),
      targets: () => this.roster.targets(),
      timeoutMs: (id) => this.roster.timeoutMs(id),
      lost: (id) => this.syncs.lost(id),
      takesPackets: (id) => this.roster.takesPackets(id),
      isReached: (id) => this.roster.isReached(id),
      copied: (token, id) => this.writes.copied(token, id),
    });
    this.#acks = new PushAcks((to, channel, sequences) =>
      this.#sendToMember(to, channel, { kind: "push_ack", sequences })
    );
    this.#pushedCommits = new PushedCommits({ ...port, commit: (token, rows) => this.#commit({ token, rows }) });
    this.#replica = new Replica(this.table, this.#clock, {
      ...port,
      commit: (token, rows, also) => this.#commit({ token, rows, ...also }),
      commitPushed: (token, rows) => {
        this.#port.emit({ kind: "arrived", token, rows });
        this.#pushedCommits.add(token, rows);
      },
      written: (token, keys) => this.writes.committed(token, keys),
      answered: (token, outcome) => this.writes.refused(token, outcome),
      stored: ({ from, sequence, passOn, channel }, { all, news }) => {
        if (sequence === undefined) {
          const alike = this.dataSet.isCopying
            ? []
            : this.roster.targets().filter((id) => this.syncs.isAlike(id, this.#port.nowMs()));
          return this.#pusher.tell(alike, news, { from });
        }
        this.#acks.add(from, channel, sequence);
        // Who asks may have told us before, and cannot know whether anybody else has it.
        const told = passOn ? all : news;
        if (told.length > 0) this.#pusher.passOn(told, { from, asked: passOn });
      },
      rewritten: (keys, token) => this.#pusher.push(keys, token),
      judge: (current, incoming, from) => this.#horizons.deleted.judge(current, incoming, from),
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
        this.#lastChangeMs = this.#port.nowMs();
        if (this.dataSet.isCopying) this.#tellProgress();
        this.#port.emit({ kind: "changed", changes });
      },
    });
    this.#horizons = new HorizonWatch(nodeId, remembered, {
      ...port,
      members: () => this.#membership.members.all(),
      state: (kind, id) => this.table.state(kind, id),
      floor: () => this.#floors.onDisk,
      lastReading: () => {
        const wall = readingAtEndOf(Math.max(0, Math.floor(this.#port.wallMs()) - 1));
        return wall > this.#clock.reading ? wall : this.#clock.reading;
      },
      isDiskBehind: () => this.#replica.isDiskBehind,
      nextJob: () => this.#replica.nextJob,
      isDoneBefore: (job) => this.#replica.isDoneBefore(job),
      drop: (keys) => this.#replica.drop(keys),
      renew: (key) => this.#replica.rewrite(key, "renew"),
      keep: (kept) => this.#port.emit({ kind: "keep", kept }),
      send: (to, message) => this.#sendToMember(to, "stream", message),
    });
    this.writes = new Writes(this.dataSet, this.#replica, this.roster, {
      ...port,
      lastStamp: () => this.#clock.last,
      horizonAheadMs: () => this.#horizons.isAheadByMs,
      answer: (token, outcome) => this.#port.emit({ kind: "written", token, outcome }),
      version: (kind, id) => this.table.version(kind, id),
      push: (keys, token) => this.#pusher.push(keys, token),
    });
    for (const { state, packed } of remembered.records.aside) this.#replica.remember(state, packed);
    this.#reconciler = new Reconciler({
      ...port,
      nodeId,
      send: (to, channel, message) =>
        this.#sendToMember(to, channel === "packet" && this.#fitsPacket(message) ? "packet" : "stream", message),
      takesPackets: (id) => this.roster.takesPackets(id),
      timeoutMs: (id) => this.roster.timeoutMs(id),
      index: () => this.table.index,
      hasLeft: (partner) => hasLeft(this.#membership.members.get(partner)?.state ?? "left"),
      roots: (partner) => this.syncs.get(partner)?.roots,
      stampMs: (kind, id) => this.table.stampMs(kind, id),
      received: (from, records, done) =>
        this.#replica.receive({ from, sequence: undefined, passOn: false, channel: "stream", records, done }),
      helpers: (partner) => this.roster.helpers(partner),
      finished: (partner) => this.dataSet.comparedWith(partner),
    });
  }

  /** Commits under way or waiting. */
  get pendingCount(): number {
    return this.#replica.pendingCount;
  }

  /** Records whose newest version waits until its time has come: another server's clock was ahead. */
  get quarantined(): number {
    return this.#replica.quarantined;
  }

  /** Records that this server has, and those of the member that has most; the latter is left out until somebody has said so. */
  get copyProgress(): { received: number; expected?: number } {
    const received = this.table.size;
    const said = this.roster.targets().flatMap((id) => this.syncs.get(id)?.records ?? []);
    return said.length === 0 ? { received } : { received, expected: Math.max(received, ...said) };
  }

  /** What a status says of the records here. */
  status(): Omit<Status, "incarnation" | "membersFingerprint" | "wallMs" | "diskRefuses"> {
    return { roots: this.table.index.roots, recordCount: this.table.size, ...this.#horizons.status() };
  }

  start(): void {
    this.#port.emit({ kind: "keep", kept: { boots: this.#options.remembered.boots } });
    this.#horizons.start({ alone: this.#options.peers.length === 0 });
  }

  /** Takes no further write, and nothing from others. */
  stop(): void {
    this.#leaving = true;
    this.writes.stop();
  }

  /** Sends what was put together for one packet. */
  flush(): void {
    this.#acks.flush();
    this.#pusher.flush();
  }

  /** These commits reached the disk. */
  committed(tokens: readonly number[]): void {
    for (const token of tokens) {
      this.#floors.committed(token);
      if (token === ADOPTION_TOKEN) this.dataSet.adopted();
      else this.#replica.committed(token);
    }
    this.#horizons.grow();
    this.dataSet.committed();
  }

  /** The disk refused a commit. */
  failed(token: number, reason: string): void {
    this.#floors.failed(token);
    if (token === ADOPTION_TOKEN) return this.dataSet.adoptionFailed(reason);
    this.#replica.failed(token, reason);
    this.dataSet.committed();
  }

  /** Members are on disk. */
  remembered(number: number): void {
    this.#horizons.remembered(number);
  }

  /** Handles a message of the member `from`. */
  receive(from: NodeId, message: ReplicationMessage, channel: Channel): void {
    switch (message.kind) {
      case "push":
        if (message.lineage !== this.dataSet.lineage || this.#leaving || !this.#horizons.isHolder(from)) return;
        return this.#replica.receive({ ...message, from, channel });
      case "push_ack":
        return this.#pusher.acked(from, message.sequences);
      case "gone":
        if (message.lineage === this.dataSet.lineage && !this.#leaving) this.#horizons.gone(from, message);
        return;
      case "recall":
        if (message.lineage === this.dataSet.lineage) this.#horizons.recalled(from, message);
        return;
      case "dispute":
        if (message.lineage === this.dataSet.lineage) this.#horizons.disputed(from);
        return;
      default: {
        const lineage = this.#membership.members.get(from)?.facts?.lineage;
        if (this.#leaving || lineage !== this.dataSet.lineage) return;
        // Nothing is taken from who was removed: all others count on having agreed without it.
        if (this.#horizons.isHolder(from)) this.#reconciler.receive(from, message, channel);
      }
    }
  }

  /** A member is new, or said something new. */
  memberChanged(member: Member): void {
    this.#horizons.memberChanged(member);
    if (member.id !== this.#options.nodeId && !this.#leaving) this.dataSet.look(member);
  }

  /** A member is not live any more. */
  memberGone(id: NodeId): void {
    this.#pusher.forget(id);
    this.#reconciler.abandon(id);
    this.syncs.separated(id);
  }

  /** The stream to a member ended. */
  disconnected(id: NodeId): void {
    this.#reconciler.abandon(id);
  }

  /** A member said where it stands: are we alike? */
  heard(id: NodeId, status: Status): void {
    this.writes.takeHeld({ anyway: false });
    const member = this.#membership.members.get(id);
    const facts = member?.facts;
    if (
      member === undefined || facts === undefined || facts.lineage === "" || facts.lineage !== this.dataSet.lineage
    ) return;
    this.#clock.follow(status.floor, this.#port.wallMs());
    this.#horizons.heard(id, status);
    const equal = this.table.index.equals(status.roots);
    this.#horizons.compared(id, status, { equal, bootId: facts.bootId });
    const wasInSync = this.syncs.get(id)?.inSync;
    const isBusy = !this.#pusher.isIdle(id) || this.#replica.pendingCount > 0;
    const compare = this.syncs.heard(id, status, {
      bootId: facts.bootId,
      equal,
      quietMs: isBusy ? 0 : this.#port.nowMs() - this.#lastChangeMs,
      nowMs: this.#port.nowMs(),
      // Whoever told us that it lives again has met it, and passes on what it gets.
      isLeftToOthers: isLive(member.state) && this.#reconciler.hasMuchFor(id),
    });
    if (equal) {
      this.dataSet.comparedWith(id);
      this.#reconciler.agreed(id);
    }
    if (wasInSync !== equal) this.#port.emit({ kind: "status" });
    // Who copies asks by itself; two that copy have nothing for each other.
    // Who is behind the horizon holds what is gone here: it follows, and asks if that does not help.
    const isBehind = status.horizon < this.#horizons.value && status.agreedSet !== "";
    // What a full disk refuses would only be offered again and again.
    const takes = !facts.copying && !this.#port.refusesWrites(id);
    // Who speaks although it is dead here may have nothing of ours yet to notice a difference by.
    const atOnce = !isLive(member.state);
    if (compare && !this.#leaving && takes && !isBehind) this.#reconciler.begin(id, { atOnce });
  }

  #tellProgress(): void {
    if (this.#port.nowMs() - this.#progressToldMs < PROGRESS_MS) return;
    this.#progressToldMs = this.#port.nowMs();
    this.#port.log("info", "Receiving the cluster's data", this.copyProgress);
    this.#port.emit({ kind: "status" });
  }

  #commit(commit: Omit<Extract<Effect, { kind: "commit" }>, "kind" | "floor">): void {
    this.#port.emit({ kind: "commit", ...commit, floor: this.#floors.begin(commit.token, this.#port.wallMs()) });
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
    const address = this.#membership.members.get(id)?.facts?.address;
    if (address !== undefined) this.#port.emit({ kind: "send", to: { id, address }, channel, message });
  }
}
