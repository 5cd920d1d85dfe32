import { type CancelTimer, rateLimited, type RateLimitedLogger } from "../base/mod.ts";
import {
  BOOTS_MAX,
  Core,
  defaultMembershipConfig,
  type Effect,
  type Event,
  type LostEdit,
  type NodeId,
  type Now,
  type Opinion,
  type RecordChange,
  type WriteOptions,
  type WriteOutcome,
} from "../cluster/mod.ts";
import {
  NO_READING,
  readingOf,
  RECORD_ID_ENTROPY_BYTES,
  recordId,
  type RecordKind,
  type RecordView,
  type Write,
} from "../records/mod.ts";
import type { Mutation } from "../storage/mod.ts";
import { measureEnvelope, measureUpdate, senderNamed } from "../wire/mod.ts";
import type { Node, NodeStatus } from "./contract.ts";
import type { Messenger } from "./messenger.ts";
import { setDamagedAside } from "./damaged_rows.ts";
import { KeptRows } from "./kept_rows.ts";
import { LostEdits } from "./lost_edits.ts";
import { MemberMemory } from "./member_memory.ts";
import type { NodeOptions } from "./node_options.ts";
import { OpinionRounds } from "./opinion_rounds.ts";
import { otherPeers } from "./other_peers.ts";
import { pause } from "./pause.ts";
import { commitRows, copiedRows, keptRows, readRemembered, type Remembered } from "./rows.ts";
import { type StoreState, StoreWatch, tryStore } from "./store_watch.ts";
import { printableStatus } from "./printable_status.ts";
import { ShownRecords } from "./shown_records.ts";
import { Throttle } from "./throttle.ts";

/** One line with one message about one peer in so many milliseconds: what is repeated says nothing new. */
const LOG_INTERVAL_MS = 10_000;
const LOG_KEYS_MAX = 512;
/** Status listeners hear at most 4 times a second. */
const STATUS_INTERVAL_MS = 250;
/** A stopping server waits so long for commits under way, in milliseconds. */
const DRAIN_MS_MAX = 2_000;
/** And so long for its goodbye to leave, in milliseconds. */
const GOODBYE_MS = 150;
/** Timers are never planned further ahead than this, in milliseconds: `setTimeout` overflows at 2^31. */
const TIMER_MS_MAX = 3_600_000;

/** What became of {@link ClusterNode.forget}; only `forgotten` changed anything. */
export type ForgetOutcome = "forgotten" | "unknown" | "self" | "alive";

/**
 * Runs one {@link Core}: feeds it what happens, with the time, and does what it asks for. Everything asynchronous of the protocol
 * happens here.
 */
export class ClusterNode implements Node {
  readonly #options: NodeOptions;
  readonly #core: Core;
  readonly #warnings: RateLimitedLogger;
  readonly #messenger: Messenger | undefined;
  readonly #writers = new Map<number, (outcome: WriteOutcome) => void>();
  readonly #changeListeners = new Set<(change: RecordChange) => void>();
  readonly #statusListeners = new Set<() => void>();
  readonly #memberMemory: MemberMemory;
  readonly #kept: KeptRows;
  readonly #lostEdits: LostEdits;
  readonly #statusThrottle: Throttle;
  readonly #storeWatch: StoreWatch;
  readonly #damagedRows: number;
  readonly #opinionRounds: OpinionRounds;
  readonly #shown: ShownRecords;
  /** Commits that have ended and of which the core has not heard. */
  #committed: number[] = [];
  #nextToken = 1;
  #cancelTimer: CancelTimer = () => {};
  #timerMs = Infinity;
  #started = false;
  #stopped = false;
  #expelled = false;

  private constructor(options: NodeOptions, remembered: Remembered) {
    const { nodeId, bootId, facts, clock, random, cluster } = options;
    this.#options = options;
    this.#damagedRows = remembered.damaged.length;
    const boot = { bootId, floor: remembered.floor === undefined ? NO_READING : readingOf(remembered.floor) };
    const boots = [...remembered.boots, boot].slice(-BOOTS_MAX);
    this.#kept = new KeptRows(options.store, clock, options.log);
    this.#lostEdits = new LostEdits(options.store, clock, options.log);
    this.#core = new Core({
      nodeId,
      facts: { ...facts, bootId, startedAtMs: Math.floor(clock.wallMs()) },
      peers: otherPeers(cluster?.peers ?? [], facts.address),
      random,
      config: cluster?.config ?? defaultMembershipConfig,
      measure: measureUpdate,
      measureMessage: (message) => measureEnvelope({ from: senderNamed(nodeId, message), message }),
      packetBytesMax: cluster?.packetBytesMax ?? 0,
      hasDatagrams: cluster?.hasDatagrams ?? false,
      remembered: { ...remembered, boots, members: cluster === undefined ? [] : remembered.members },
    });
    this.#shown = new ShownRecords(this.#core.table, clock);
    this.#warnings = rateLimited(options.log, { perKeyMs: LOG_INTERVAL_MS, clock, keysMax: LOG_KEYS_MAX });
    this.#memberMemory = new MemberMemory(clock, {
      commit: (rows) => this.#commitAside(rows, "Cannot remember members"),
      remembered: (number) => this.#dispatch({ kind: "remembered", number }),
    });
    this.#opinionRounds = new OpinionRounds(clock, (request) => this.#dispatch({ kind: "ask_opinions", request }));
    this.#statusThrottle = new Throttle(clock, STATUS_INTERVAL_MS, () => this.#tellStatus());
    this.#storeWatch = new StoreWatch({
      clock,
      trial: () => tryStore(options.store, options.entropy),
      changed: (state) => this.#storeChanged(state),
    });
    options.store.onTrouble?.(() => this.#storeWatch.failed());
    this.#messenger = cluster?.messenger({
      received: (from, message, replyTo, channel) =>
        this.#dispatch({ kind: "message", from, message, replyTo, channel }),
      unreachable: (to, reason) => this.#dispatch({ kind: "unreachable", to, reason }),
      metOurselves: (address) => this.#dispatch({ kind: "own_address", address }),
      disconnected: (id) => this.#dispatch({ kind: "disconnected", id }),
    });
  }

  /** Reads the store into memory; damaged rows are set aside. @throws {StoreError} if it cannot be read */
  static async open(options: NodeOptions): Promise<ClusterNode> {
    const { store, log, cluster } = options;
    const remembered = await readRemembered(store);
    return new ClusterNode(
      options,
      await setDamagedAside({ store, remembered, clustered: cluster !== undefined, log }),
    );
  }

  /** Listens to the cluster and joins it. @throws when the cluster address cannot be bound */
  async start(): Promise<void> {
    await this.#messenger?.start();
    this.#started = true;
    this.#dispatch({ kind: "started" });
  }

  /**
   * Says goodbye, lets commits under way finish, and closes the connections; the store stays open. With `forGood` the others
   * forget this server, and its data folder joins as a new one when it is started again.
   */
  async stop({ forGood = false } = {}): Promise<void> {
    if (this.#stopped) return;
    this.#dispatch({ kind: "leaving", forGood });
    const { clock } = this.#options;
    const untilMs = clock.monotonicMs() + DRAIN_MS_MAX;
    if (this.#messenger !== undefined) await pause(clock, GOODBYE_MS);
    while (this.#core.pendingCount > 0 && clock.monotonicMs() < untilMs) await pause(clock, 10);
    this.abandon();
    await this.#messenger?.close();
    await this.#memberMemory.flush();
    for (const answer of this.#writers.values()) answer({ kind: "unavailable", reason: "The server is stopping" });
    this.#writers.clear();
  }

  /** Ends without a word, as a crash does; for tests that share a process with it. */
  abandon(): void {
    this.#stopped = true;
    this.#cancelTimer();
    this.#statusThrottle.stop();
    this.#memberMemory.stop();
    this.#storeWatch.stop();
    this.#kept.stop();
  }

  get(kind: RecordKind, id: string): RecordView | undefined {
    return this.#shown.view(kind, id);
  }

  list(kind: RecordKind): RecordView[] {
    return this.#shown.views(kind);
  }

  count(kind: RecordKind): number {
    return this.#shown.count(kind);
  }

  findByName(kind: RecordKind, field: string, name: string): RecordView | undefined {
    const id = this.#shown.owner(kind, field, name);
    return id === undefined ? undefined : this.get(kind, id);
  }

  inConflict(kind: RecordKind, id: string): boolean {
    return this.#core.table.losesName(kind, id);
  }

  write(writes: readonly Write[], options: WriteOptions = {}): Promise<WriteOutcome> {
    return this.#submit(writes, options, undefined);
  }

  setUp(writes: readonly Write[]): Promise<WriteOutcome> {
    const { clock, entropy } = this.#options;
    return this.#submit(writes, {}, recordId(clock.wallMs(), entropy(RECORD_ID_ENTROPY_BYTES)));
  }

  onChange(listener: (change: RecordChange) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  onStatus(listener: () => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  status(): NodeStatus {
    const { nodeId, bootId, cluster } = this.#options;
    const members = this.#core.memberStatuses
      .map(printableStatus)
      .sort((a, b) => inOrder(a.facts?.address ?? "", b.facts?.address ?? "") || inOrder(a.id, b.id));
    return {
      nodeId,
      bootId,
      clustered: cluster !== undefined,
      lineage: this.#core.lineage,
      readiness: this.#core.readiness,
      members,
      recordCount: this.#core.table.size,
      store: this.#storeWatch.state,
      damagedRows: this.#damagedRows,
      quarantinedCount: this.#core.quarantined,
    };
  }

  /** Edits of records that the cluster had deleted while this server was away, the oldest first. @throws {StoreError} */
  lostEdits(): AsyncIterable<LostEdit & { readonly foundAtMs: number }> {
    return this.#lostEdits.list();
  }

  /** Removes a member everywhere and for ever, so that nobody waits for it any more. */
  forget(id: NodeId): ForgetOutcome {
    const member = this.#core.memberStatuses.find((status) => status.id === id);
    if (member === undefined) return "unknown";
    if (member.self) return "self";
    if (member.state === "alive" || member.state === "suspect") return "alive";
    this.#dispatch({ kind: "forget", id });
    return "forgotten";
  }

  opinions(): Promise<ReadonlyMap<NodeId, readonly Opinion[]>> {
    const { membership } = this.#core;
    return this.#opinionRounds.ofAll(
      { id: this.#options.nodeId, opinions: membership.opinions() },
      membership.members.liveCount,
    );
  }

  #submit(
    writes: readonly Write[],
    options: WriteOptions,
    newLineage: string | undefined,
  ): Promise<WriteOutcome> {
    if (!this.#started) return Promise.resolve({ kind: "unavailable", reason: "The server is starting" });
    if (this.#stopped) return Promise.resolve({ kind: "unavailable", reason: "The server is stopping" });
    const token = this.#nextToken++;
    const { promise, resolve } = Promise.withResolvers<WriteOutcome>();
    this.#writers.set(token, resolve);
    this.#dispatch({ kind: "write", token, writes, options, newLineage });
    return promise;
  }

  #now(): Now {
    const { clock } = this.#options;
    return { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
  }

  /** What peers send before the start, or after the end, is lost like any packet. */
  #dispatch(event: Event): void {
    if (!this.#started || this.#stopped) return;
    for (const effect of this.#core.step(event, this.#now())) {
      try {
        this.#perform(effect);
      } catch (error) { // A bug of ours: the other effects still have to happen.
        this.#warnings.error("Cannot perform an effect", { effect: effect.kind, error });
      }
    }
    this.#planTimer();
  }

  /** A timer that rings too soon is left alone: pushes and probes plan and cancel many that never come. */
  #planTimer(): void {
    const nextMs = this.#core.nextTimerMs ?? Infinity;
    if (nextMs >= this.#timerMs) return;
    this.#cancelTimer();
    this.#timerMs = nextMs;
    const { clock } = this.#options;
    const delayMs = Math.min(TIMER_MS_MAX, Math.max(0, nextMs - clock.monotonicMs()));
    this.#cancelTimer = clock.after(delayMs, () => {
      this.#timerMs = Infinity;
      if ((this.#core.nextTimerMs ?? Infinity) <= clock.monotonicMs()) this.#dispatch({ kind: "timer" });
      else this.#planTimer();
    });
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "send":
        return this.#messenger?.send(effect.to, effect.channel, effect.message);
      case "disconnect":
        return this.#messenger?.disconnect(effect.id);
      case "commit":
        void this.#commit(effect);
        return;
      case "arrived":
        return this.#tellChanges(this.#shown.add(effect.token, effect.rows));
      case "copied":
        return void this.#commitAside(copiedRows(), "Cannot remember that the first copy is whole");
      case "keep":
        this.#kept.keep(keptRows(effect.kept));
        if (effect.kept.lost !== undefined) void this.#lostEdits.add(effect.kept.lost);
        return;
      case "remember":
        if (this.#options.cluster !== undefined) this.#memberMemory.remember(effect);
        return;
      case "written": {
        const answer = this.#writers.get(effect.token);
        this.#writers.delete(effect.token);
        return answer?.(effect.outcome);
      }
      case "changed":
        return this.#tellChanges(this.#shown.untold(effect.changes));
      case "opinions":
        return this.#opinionRounds.answered(effect.request, effect.from, effect.opinions);
      case "expelled":
        if (!this.#expelled) this.#options.onExpelled?.(effect.reason);
        this.#expelled = true;
        return;
      case "status":
        return this.#statusThrottle.request();
      case "log":
        return this.#logEffect(effect);
    }
  }

  /** Warnings can be caused by peers, over and over; state changes are told one by one. */
  #logEffect({ level, message, fields }: Extract<Effect, { kind: "log" }>): void {
    if (level !== "warn") return this.#options.log[level](message, fields);
    this.#warnings.warn(message, fields, String(fields.address ?? fields.from ?? ""));
  }

  /** Never rejects: the core hears how it ended. */
  async #commit(effect: Extract<Effect, { kind: "commit" }>): Promise<void> {
    if (effect.horizon !== undefined) this.#kept.overtaken(keptRows({ horizon: effect.horizon }));
    try {
      await this.#options.store.commit(commitRows(effect));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#warnings.error("Cannot commit to the database", { reason });
      this.#storeWatch.failed();
      const withdrawn = this.#shown.withdraw(effect.token);
      this.#dispatch({ kind: "failed", token: effect.token, reason });
      return this.#tellChanges(withdrawn);
    }
    this.#storeWatch.succeeded();
    this.#committed.push(effect.token);
    // Commits that were written together end in the same turn: what follows from them goes together, too.
    if (this.#committed.length === 1) queueMicrotask(() => this.#tellCommitted());
  }

  #tellCommitted(): void {
    const tokens = this.#committed;
    this.#committed = [];
    this.#shown.settle(tokens, () => this.#dispatch({ kind: "committed", tokens }));
  }

  #storeChanged(state: StoreState): void {
    const { log } = this.#options;
    if (state.kind === "writable") log.info("The database takes writes again", {});
    else {
      log.error("The database refuses writes: reads go on, and it is tried again", { reason: state.reason });
    }
    this.#dispatch({ kind: "disk", refuses: state.kind === "refusing" });
  }

  /** Commits what no record waits for. Never rejects; false: the disk refused. */
  async #commitAside(rows: readonly Mutation[], complaint: string): Promise<boolean> {
    try {
      await this.#options.store.commit(rows);
      return true;
    } catch (error) {
      this.#warnings.warn(complaint, { reason: (error as Error).message });
      this.#storeWatch.failed();
      return false;
    }
  }

  #tellChanges(changes: readonly RecordChange[]): void {
    for (const change of changes) for (const listener of this.#changeListeners) listener(change);
  }

  #tellStatus(): void {
    for (const listener of this.#statusListeners) listener();
  }
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
