import { hash } from "node:crypto";
import { type BootId, isLive, type Member, type NodeId, type Status } from "../membership/mod.ts";
import type { RecordKey } from "../reconciliation/mod.ts";
import { NO_READING, type Reading, readingAtEndOf, readingMs } from "../records/mod.ts";
import { type Agreement, Agreements } from "./agreements.ts";
import { DeletedRecords, type DeletionMemory, type DeletionPort } from "./deleted_records.ts";
import { type Boot, Generation, type Unsettled } from "./generation.ts";
import { Horizon, UNKEPT_SET } from "./horizon.ts";
import { Graves } from "./graves.ts";
import type { DisputeMessage, GoneMessage, RecallMessage } from "./message.ts";

/** The horizon is raised here so often at most, in milliseconds: each time costs every server a write to its disk. */
const RAISE_GAP_MS = 1_000;
/**
 * A server that knows of no other one keeps what it deletes for a day, in milliseconds: its disk may be a copy from before there were
 * others, who hold what it deletes.
 */
const LONE_LAG_MS = 86_400_000;

/** What the disk remembers of the horizon. */
export interface RememberedHorizon {
  readonly horizon: Reading;
  readonly unsettled: Unsettled | undefined;
  readonly settledAt: Reading | undefined;
  readonly graves: readonly RecordKey[];
  readonly records: DeletionMemory["records"];
  /** Starts of this data folder, the present one last. */
  readonly boots: readonly Boot[];
  readonly agreements: readonly Agreement[];
}

/** What the watch needs of the records and the machine around it. */
export interface HorizonPort extends
  Omit<
    DeletionPort,
    "isBehindHorizon" | "witnesses" | "knowsNoBetter" | "keptUpTo" | "yield" | "insiders" | "followers" | "send"
  > {
  nowMs(): number;
  wallMs(): number;
  members(): Iterable<Member>;
  /** Our clock's reading that is on disk: all that we wrote at or below it is in the table. */
  floor(): Reading;
  /** The disk still has what was let go. */
  isDiskBehind(): boolean;
  /** Number of the next commit, and whether all before one have ended. */
  nextJob(): number;
  isDoneBefore(job: number): boolean;
  /** Number of the last order to remember members. */
  lastRemember(): number;
  /** All stamps that we give from now on are later than this. */
  lastReading(): Reading;
  send(to: NodeId, message: GoneMessage | RecallMessage | DisputeMessage): void;
}

/**
 * Follows the horizon: notes agreements, raises it where that lets tombstones go, and finds out when this server itself is the one
 * that was away.
 */
export class HorizonWatch {
  readonly deleted: DeletedRecords;
  readonly #horizon: Horizon;
  readonly #generation: Generation;
  readonly #agreements: Agreements;
  /** What each member counts as: a change of it makes another set of members. */
  readonly #places = new Map<NodeId, string>();
  #placesChanged = true;
  /** Commits that began before the members changed may hold what a former member wrote. */
  #firstJob = 0;
  /** The order to remember members with which these are on disk, and the last one that was carried out. */
  #keptWith = 0;
  #remembered = 0;
  /** Where each member stood by its last word. */
  readonly #said = new Map<NodeId, { readonly horizon: Reading; readonly isSettled: boolean }>();
  /** The horizon of those whom our data has to agree with; {@link NO_READING} where nobody went past us. */
  #yieldedTo: Reading = NO_READING;
  /** Members that are not settled either, and said roots equal to ours. */
  readonly #unsettledEquals = new Set<NodeId>();
  #raisedMs = -Infinity;
  /** The greatest horizon of a member that held the same as we did, since this process started. */
  #confirmed: Reading = NO_READING;
  /** The greatest horizon that a member spoke of, taken over or not. */
  #heardOf: Reading = NO_READING;

  constructor(
    private readonly self: NodeId,
    remembered: RememberedHorizon,
    private readonly port: HorizonPort,
  ) {
    this.#horizon = new Horizon(remembered.horizon);
    this.#generation = new Generation(self, remembered.boots, remembered);
    this.#agreements = new Agreements(remembered.agreements, {
      after: port.after,
      keep: (agreements) => port.keep({ agreements }),
    });
    this.deleted = new DeletedRecords(self, {
      horizon: this.#horizon,
      generation: this.#generation,
      agreements: this.#agreements,
      graves: new Graves(remembered.graves),
      records: remembered.records,
    }, {
      ...port,
      isBehindHorizon: () => this.isAheadByMs !== undefined,
      witnesses: () => this.#witnesses(),
      knowsNoBetter: (from) => this.#knowsNoBetter(from),
      keptUpTo: (horizon) => this.#hasKeptUpTo(horizon),
      yield: (to, horizon) => this.#yield(to, horizon),
      // An agreement with others whom the cluster went past, as it did past us, says nothing of what it has.
      insiders: () => this.#standingAt(this.#yieldedTo),
      followers: () => this.#standingAt(this.value),
    });
  }

  /** Where the horizon is. */
  get value(): Reading {
    return this.#horizon.value;
  }

  get isSettled(): boolean {
    return this.#generation.isSettled;
  }

  /** @param options `alone`: there is no cluster that could know better */
  start({ alone }: { alone: boolean }): void {
    this.#lookAtMembers();
    if (!this.isSettled && alone && this.#horizon.others.size === 0) this.#settle();
    this.deleted.sweepSoon();
  }

  /**
   * A stamp given now would be at or below the horizon, and taken for old: a clock was far ahead when it was raised. In milliseconds
   * how long that will last; undefined when stamps are good.
   */
  get isAheadByMs(): number | undefined {
    const horizon = this.#heardOf > this.#horizon.value ? this.#heardOf : this.#horizon.value;
    return this.port.lastReading() >= horizon ? undefined : readingMs(horizon) - this.port.wallMs();
  }

  /** A member is new, or said something new. */
  memberChanged({ id, state, facts }: Member): void {
    const place = state === "left"
      ? "left"
      : facts === undefined || facts.lineage === this.port.lineage()
      ? "in"
      : "out";
    if (this.#places.get(id) === place) return;
    this.#places.set(id, place);
    this.#placesChanged = true;
  }

  /** The data set is another one than before: who belongs to it, too. */
  lineageChanged(): void {
    for (const member of this.port.members()) this.memberChanged(member);
  }

  /** What was to be remembered of members up to this order is on disk. */
  remembered(number: number): void {
    this.#remembered = number;
  }

  /** Holds our data set, as far as we know, and was not removed: only from such servers records are taken. */
  isHolder(id: NodeId): boolean {
    this.#lookAtMembers();
    return this.#horizon.others.has(id);
  }

  /** What a status says of it. */
  status(): Pick<Status, "floor" | "horizon" | "agreedSet" | "agreedAt"> {
    this.#lookAtMembers();
    const floor = this.port.floor();
    const horizon = this.#horizon.value;
    if (!this.isSettled) return { floor, horizon, agreedSet: "", agreedAt: NO_READING };
    const { set, at } = this.#horizon.own(this.#present());
    return { floor, horizon, agreedSet: this.#remembered < this.#keptWith ? UNKEPT_SET : set, agreedAt: at };
  }

  /** A member of our data set said how far it is: before its roots are compared, since ours follow its horizon. */
  heard(id: NodeId, { horizon, agreedSet, agreedAt }: Status): void {
    if (!this.isHolder(id)) return;
    this.#said.set(id, { horizon, isSettled: agreedSet !== "" });
    if (agreedSet !== "") this.#horizon.heard(id, { set: agreedSet, at: agreedAt });
    if (horizon > this.#heardOf) this.#heardOf = horizon;
    // Another set may be one without us: then its horizon says nothing of what we know.
    if (horizon > this.#horizon.value && agreedSet === this.#horizon.set && this.#hasAllUpTo(horizon)) {
      this.#follow(horizon);
    }
  }

  /** The roots of a member were compared with ours. */
  compared(id: NodeId, status: Status, { equal, bootId }: { equal: boolean; bootId: BootId }): void {
    if (!this.isHolder(id)) return;
    if (equal) {
      // What two have that both came from elsewhere, the cluster may know nothing of: each would count on the other one's word.
      if (this.isSettled || status.agreedSet !== "") {
        this.#agreements.note({ id, reading: this.port.floor(), bootId, floor: status.floor });
      }
      if (status.agreedSet === this.#horizon.set && status.horizon > this.#confirmed) {
        this.#confirmed = status.horizon;
        this.heard(id, status);
      }
      // Only with one who takes the same servers for members: it might have handed on what it held to somebody new before.
      // After a crash the disk counts: it must not call itself settled with what the cluster deleted.
      const maySettle = !this.isSettled && !this.port.isDiskBehind() && this.#isWithCluster(status);
      if (maySettle && (status.agreedSet === this.#horizon.set || this.#isLastHope(id, status))) {
        this.#settle();
        this.heard(id, status);
      }
      if (status.agreedSet === this.#horizon.set) {
        if (this.port.isDoneBefore(this.#firstJob)) this.#horizon.agreed(id, this.#present());
      }
    } else {
      this.#unsettledEquals.delete(id);
      const known = this.#agreements.get(id);
      if (known !== undefined && known.bootId !== bootId) {
        this.port.send(id, { kind: "recall", lineage: this.port.lineage()!, bootId: known.bootId, floor: known.floor });
      }
    }
    this.grow();
  }

  /**
   * Whether our data has all that members wrote up to `horizon`. They count on it, since we said so; but the disk may be older than what
   * we said, and whoever follows the horizon without the data takes for deleted what it lacks.
   */
  #hasAllUpTo(horizon: Reading): boolean {
    if (horizon <= this.#confirmed || horizon <= this.#horizon.own(this.#present()).at) return true;
    for (const id of this.#horizon.others) {
      const known = this.#agreements.get(id);
      if (known === undefined || horizon > known.reading || horizon > known.floor) return false;
    }
    return true;
  }

  #hasKeptUpTo(horizon: Reading): boolean {
    return horizon <= this.#horizon.value || this.#hasAllUpTo(horizon);
  }

  #wentPast(horizon: Reading): void {
    if (horizon > this.#yieldedTo) this.#yieldedTo = horizon;
  }

  /** Live members that could tell what was deleted, those included of whom nothing was heard yet. */
  #witnesses(): NodeId[] {
    return [...this.port.members()]
      .filter(({ id, state }) =>
        isLive(state) && this.#horizon.others.has(id) && this.#said.get(id)?.isSettled !== false
      )
      .map(({ id }) => id);
  }

  #knowsNoBetter(from: NodeId): boolean {
    const mayBeSettled = (id: NodeId) => this.#said.get(id)?.isSettled !== false;
    return !this.#said.get(from)?.isSettled && [...this.#horizon.others].some((id) => id !== from && mayBeSettled(id));
  }

  /** Members that said that they have come to `horizon`: of others, unheard ones included, it may know nothing. */
  #standingAt(horizon: Reading): NodeId[] {
    return [...this.#horizon.others].filter((id) => (this.#said.get(id)?.horizon ?? NO_READING) >= horizon);
  }

  /**
   * Not one that the cluster went past as it did past us: it may run on an older disk and not have been told yet, and brings back what
   * we were told to be gone. But where nobody is left who stands there, none will tell.
   */
  #isWithCluster({ horizon }: Status): boolean {
    return horizon >= this.#yieldedTo || this.#standingAt(this.#yieldedTo).length === 0;
  }

  /** No member is settled, and all hold the same: nobody is left who could know better. */
  #isLastHope(id: NodeId, { agreedSet }: Status): boolean {
    if (agreedSet === "") this.#unsettledEquals.add(id);
    else this.#unsettledEquals.delete(id);
    return [...this.#horizon.others].every((other) => this.#unsettledEquals.has(other));
  }

  /** Our reading, as far as time has come: stamps of a clock that was ahead are no measure for those of others. */
  #present({ lagMs = 0 } = {}): Reading {
    const floor = this.port.floor();
    const wallMs = Math.max(0, Math.floor(this.port.wallMs()) - lagMs);
    return readingMs(floor) <= wallMs ? floor : readingAtEndOf(wallMs);
  }

  /** Raises the horizon where that lets something go. */
  grow(): void {
    const { nextDue } = this.deleted;
    if (nextDue === undefined || !this.isSettled) return;
    if (this.port.nowMs() - this.#raisedMs < RAISE_GAP_MS) return;
    this.#lookAtMembers();
    const lagMs = this.#horizon.others.size === 0 ? LONE_LAG_MS : 0;
    const candidate = this.#horizon.candidate(this.#present({ lagMs }));
    if (candidate < nextDue) return;
    this.#raisedMs = this.port.nowMs();
    this.#follow(candidate);
  }

  /** A member says that records which we sent it were deleted. */
  gone(from: NodeId, message: GoneMessage): void {
    if (!this.isHolder(from)) return;
    // Who was removed may have agreed with others that joined through it, and know of none of the cluster's horizons.
    if (!this.isSettled && !this.#hasKeptUpTo(message.horizon)) this.#wentPast(message.horizon);
    this.deleted.gone(from, message);
  }

  /** A member tells with which process and how far it last saw us: is our disk older than that? */
  recalled(from: NodeId, { bootId, floor }: RecallMessage): void {
    if (!this.isHolder(from) || !this.#generation.isOlderThan({ bootId, floor })) return;
    if (this.isSettled) {
      this.port.log("warn", "This server's data is older than what the cluster remembers of it: catching up", {
        member: from,
        wayOut: "none needed, if its data folder was restored from a copy",
      });
    }
    this.unsettle(floor);
  }

  /** A server that has kept up with the cluster holds what we count as deleted: it is we who lost it. */
  disputed(from: NodeId): void {
    if (!this.isHolder(from) || !this.#said.get(from)?.isSettled || !this.isSettled) return;
    this.port.log("warn", "This server lacks records that the cluster has not deleted: catching up", {
      member: from,
      wayOut: "none needed; if it happens again, look at this server's disk",
    });
    this.unsettle();
  }

  /** The cluster of `to` went past what we know, without us: we joined through a server that it had removed, or our disk is older. */
  #yield(to: NodeId, horizon: Reading): void {
    this.port.log("warn", "The cluster went on without this server: its data has to agree with the others' first", {
      member: to,
      wayOut: "none needed; edits that are lost by it are listed by knot cluster lost-edits",
    });
    this.#wentPast(horizon);
    this.unsettle();
  }

  /** The data came from elsewhere. @param knownUpTo what the cluster knows of our own writes */
  unsettle(knownUpTo: Reading = NO_READING): void {
    this.port.keep({ unsettled: this.#generation.unsettle(knownUpTo) });
  }

  #settle(): void {
    const settledAt = this.port.lastReading();
    this.#generation.settle(settledAt);
    this.#yieldedTo = NO_READING;
    this.port.keep({ unsettled: null, settledAt });
    this.port.log("info", "This server's data agrees with the cluster's", {});
  }

  /** Only a settled server lets go of anything: another may not have what a tombstone has to delete elsewhere. */
  #follow(horizon: Reading): void {
    if (!this.isSettled || !this.#horizon.raise(horizon)) return;
    this.port.keep({ horizon });
    this.deleted.sweepSoon();
  }

  #lookAtMembers(): void {
    if (!this.#placesChanged) return;
    this.#placesChanged = false;
    const others = new Set<NodeId>();
    const lines: string[] = [];
    for (const [id, place] of this.#places) {
      if (place === "in" && id !== this.self) others.add(id);
      // Who left stays part of it, so that no set ever comes back.
      if (place !== "out" || id === this.self) lines.push(id === this.self ? `${id} in` : `${id} ${place}`);
    }
    const set = hash("sha256", lines.sort().join("\n")).slice(0, 16);
    if (!this.#horizon.setMembers(set, others)) return;
    this.#firstJob = this.port.nextJob();
    this.#keptWith = this.port.lastRemember();
  }
}
