import { hash } from "node:crypto";
import type { BootId, Member, NodeId, Status } from "../membership/mod.ts";
import type { RecordKey } from "../reconciliation/mod.ts";
import {
  authorOf,
  birthOf,
  departureOf,
  NO_READING,
  type Reading,
  readingAtEndOf,
  readingMs,
  readingOf,
  type RecordKind,
  type RecordState,
  type Stamp,
  stampMs,
  stampRange,
  uniqueNames,
} from "../records/mod.ts";
import { type Agreement, Agreements } from "./agreements.ts";
import type { Kept } from "./effect.ts";
import { type Boot, editedFields, fateOf, Generation, type Unsettled } from "./generation.ts";
import { Horizon } from "./horizon.ts";
import { Graves } from "./graves.ts";
import type { LoadedRecords } from "./loaded_records.ts";
import type { GoneMessage, RecallMessage } from "./message.ts";

/** The horizon is raised here so often at most, in milliseconds: each time costs every server a write to its disk. */
const RAISE_GAP_MS = 1_000;
/** Records let go in one commit, and the pause before the next, in milliseconds: writers come in between. */
const SWEEP_RECORDS_MAX = 400;
const SWEEP_GAP_MS = 10;

/** What the disk remembers of the horizon. */
export interface RememberedHorizon {
  readonly horizon: Reading;
  readonly unsettled: Unsettled | undefined;
  readonly graves: readonly RecordKey[];
  readonly records: Pick<LoadedRecords, "departures" | "track">;
  /** Starts of this data folder, the present one last. */
  readonly boots: readonly Boot[];
  readonly agreements: readonly Agreement[];
}

/** An edit of a record that the cluster had deleted while this server was away. */
export interface LostEdit {
  readonly kind: RecordKind;
  readonly id: string;
  /** The first of its unique names; "" where it has none. */
  readonly name: string;
  readonly fields: readonly string[];
  /** Milliseconds since the Unix epoch of the last edit. */
  readonly editedAtMs: number;
}

/** What the watch needs of the records and the machine around it. */
export interface HorizonPort {
  nowMs(): number;
  wallMs(): number;
  after(delayMs: number, callback: () => void): void;
  lineage(): string | undefined;
  members(): Iterable<Member>;
  state(kind: RecordKind, id: string): RecordState | undefined;
  /** Our clock's reading that is on disk: all that we wrote at or below it is in the table. */
  floor(): Reading;
  /** Number of the next commit, and whether all before one have ended. */
  nextJob(): number;
  isDoneBefore(job: number): boolean;
  /** All stamps that we give from now on are later than this. */
  lastReading(): Reading;
  /** Removes records as if they had never been. */
  drop(keys: readonly RecordKey[]): void;
  /** Writes a record, or its deletion, anew. */
  renew(key: RecordKey): void;
  keep(kept: Kept): void;
  send(to: NodeId, message: GoneMessage | RecallMessage): void;
  log(level: "info" | "warn", message: string, fields: Record<string, unknown>): void;
}

/** What is to be done with a record that another server sent. */
export type Verdict =
  | "merge"
  /** It was deleted, and everybody knows: it is not taken. */
  | "gone"
  /** A deletion that comes too late for its stamp: it needs one that others still look at. */
  | "delete_anew";

/**
 * Follows the horizon: notes agreements, lets tombstones go when it has passed them, refuses what was deleted, and finds out when
 * this server itself is the one that was away.
 */
export class HorizonWatch {
  readonly #horizon: Horizon;
  readonly #generation: Generation;
  readonly #agreements: Agreements;
  readonly #records: RememberedHorizon["records"];
  readonly #graves: Graves;
  /** What each member counts as: a change of it makes another set of members. */
  readonly #places = new Map<NodeId, string>();
  #placesChanged = true;
  /** Commits that began before the members changed may hold what a former member wrote. */
  #firstJob = 0;
  /** Members that are not settled either, and said roots equal to ours. */
  readonly #unsettledEquals = new Set<NodeId>();
  #raisedMs = -Infinity;
  /** The greatest horizon that a member spoke of, taken over or not. */
  #heardOf: Reading = NO_READING;
  #sweeping = false;

  constructor(
    private readonly self: NodeId,
    remembered: RememberedHorizon,
    private readonly port: HorizonPort,
  ) {
    this.#horizon = new Horizon(remembered.horizon);
    this.#generation = new Generation(self, remembered.boots, remembered.unsettled);
    this.#graves = new Graves(remembered.graves);
    this.#records = remembered.records;
    this.#agreements = new Agreements(remembered.agreements, {
      after: port.after,
      keep: (agreements) => port.keep({ agreements }),
    });
  }

  /** Where the horizon is. */
  get value(): Reading {
    return this.#horizon.value;
  }

  get isSettled(): boolean {
    return this.#generation.isSettled;
  }

  /** A record was committed: remembers when it departs. */
  track(state: RecordState): void {
    this.#records.track(state);
  }

  /** @param options `alone`: there is no cluster that could know better */
  start({ alone }: { alone: boolean }): void {
    this.#lookAtMembers();
    if (!this.isSettled && alone && this.#horizon.others.size === 0) this.#settle();
    this.#sweepSoon();
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
    return { floor, horizon, agreedSet: set, agreedAt: at };
  }

  /** A member of our data set said how far it is: before its roots are compared, since ours follow its horizon. */
  heard(id: NodeId, { horizon, agreedSet, agreedAt }: Status): void {
    if (!this.isHolder(id)) return;
    if (agreedSet !== "") this.#horizon.heard(id, { set: agreedSet, at: agreedAt });
    if (horizon > this.#heardOf) this.#heardOf = horizon;
    // Another set may be one without us: then its horizon says nothing of what we know.
    if (agreedSet === this.#horizon.set) this.#follow(horizon);
  }

  /** The roots of a member were compared with ours. */
  compared(id: NodeId, status: Status, { equal, bootId }: { equal: boolean; bootId: BootId }): void {
    if (!this.isHolder(id)) return;
    if (equal) {
      const reading = this.port.floor();
      this.#agreements.note({ id, reading, bootId, floor: status.floor });
      // Only with one who takes the same servers for members: it might have handed on what it held to somebody new before.
      if (!this.isSettled && (status.agreedSet === this.#horizon.set || this.#isLastHope(id, status))) {
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

  /** No member is settled, and all hold the same: nobody is left who could know better. */
  #isLastHope(id: NodeId, { agreedSet }: Status): boolean {
    if (agreedSet === "") this.#unsettledEquals.add(id);
    else this.#unsettledEquals.delete(id);
    return [...this.#horizon.others].every((other) => this.#unsettledEquals.has(other));
  }

  /** Our reading, as far as time has come: stamps of a clock that was ahead are no measure for those of others. */
  #present(): Reading {
    const now = readingAtEndOf(Math.floor(this.port.wallMs()));
    const floor = this.port.floor();
    return floor < now ? floor : now;
  }

  /** Raises the horizon where that lets something go. */
  grow(): void {
    const { nextDue } = this.#records.departures;
    if (nextDue === undefined || !this.isSettled) return;
    if (this.port.nowMs() - this.#raisedMs < RAISE_GAP_MS) return;
    this.#lookAtMembers();
    const candidate = this.#horizon.candidate(this.#present());
    if (candidate < nextDue) return;
    this.#raisedMs = this.port.nowMs();
    this.#follow(candidate);
  }

  /** What to do with a record of another server, when ours is `current`. */
  judge(current: RecordState | undefined, incoming: RecordState): Verdict {
    if (!this.isSettled) return "merge"; // Who may have missed something cannot tell what was deleted from what is new.
    const departure = departureOf(incoming);
    const isPast = departure !== undefined && departure <= this.#horizon.value;
    // A deletion above the horizon is news to somebody, however old the record.
    const isOld = incoming.deletedAt === undefined && readingOf(birthOf(incoming)) <= this.#horizon.value;
    if (current === undefined) return isPast || isOld ? "gone" : "merge";
    return isPast && incoming.deletedAt !== undefined && current.deletedAt === undefined ? "delete_anew" : "merge";
  }

  /** Tells the sender of deleted records that they are, and of which of them it can be that nobody here ever heard. */
  refused(to: NodeId, states: readonly RecordState[]): void {
    const lineage = this.port.lineage();
    if (lineage === undefined) return;
    const members = this.#authors();
    members.delete(plain(to)); // It may be on an older disk, and know what nobody else does.
    const [known, unknown]: [RecordKey[], RecordKey[]] = [[], []];
    for (const state of states) {
      const birth = birthOf(state);
      // What a member wrote up to the horizon reached everybody.
      const isKnown = members.has(authorOf(birth)) || this.#agreements.includes(birth) ||
        this.#graves.has([state.kind, state.id]);
      (isKnown ? known : unknown).push([state.kind, state.id]);
    }
    this.port.send(to, { kind: "gone", lineage, horizon: this.#horizon.value, known, unknown });
  }

  /** A server that is settled says that it deleted what we sent it. */
  gone(from: NodeId, { horizon, known, unknown }: GoneMessage): void {
    if (!this.isHolder(from)) return;
    const dropped: RecordState[] = [];
    const lost: LostEdit[] = [];
    let renewed = 0;
    const isUnagreed = this.#isUnagreed();
    const isKnown = new Set(known);
    for (const key of [...known, ...unknown]) {
      const [kind, id] = key;
      const state = this.port.state(kind, id);
      if (state === undefined) continue;
      const departure = departureOf(state);
      const isPast = departure !== undefined && departure <= horizon;
      if (!isPast && (state.deletedAt !== undefined || readingOf(birthOf(state)) > horizon)) continue;
      const fate = isPast ? "drop" : fateOf(state, { isUnagreed, isKnown: isKnown.has(key) });
      if (fate === "renew" && this.isAheadByMs !== undefined) continue; // It comes again when time has caught up.
      if (fate === "renew") {
        this.port.renew([kind, id]);
        renewed++;
      } else if (!isPast && this.isSettled) this.#disagree(from, state);
      else dropped.push(state);
      if (fate === "drop_edited" && !this.isSettled) lost.push(lostEdit(state, isUnagreed));
    }
    if (renewed > 0) {
      this.port.log("info", "Writing records anew that only this server knew of", { records: renewed, from });
    }
    this.#letGo(dropped);
    if (lost.length > 0) this.#tellLost(lost);
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

  /** The data came from elsewhere. @param knownUpTo what the cluster knows of our own writes */
  unsettle(knownUpTo: Reading = NO_READING): void {
    this.port.keep({ unsettled: this.#generation.unsettle(knownUpTo) });
  }

  #settle(): void {
    this.#generation.settle();
    this.port.keep({ unsettled: null });
    this.port.log("info", "This server's data agrees with the cluster's", {});
  }

  /** Only a settled server lets go of anything: another may not have what a tombstone has to delete elsewhere. */
  #follow(horizon: Reading): void {
    if (!this.isSettled || !this.#horizon.raise(horizon)) return;
    this.port.keep({ horizon });
    this.#sweepSoon();
  }

  /** Lets records go, and remembers those that somebody may bring back of whom nothing else is known. */
  #letGo(states: readonly RecordState[]): void {
    if (states.length === 0) return;
    const members = this.#authors();
    const buried = states.filter((state) =>
      !members.has(authorOf(birthOf(state))) && !this.#agreements.includes(birthOf(state))
    );
    const graves = this.#graves.dig(buried.map(({ kind, id }) => [kind, id]));
    if (graves.dug.length > 0) this.port.keep({ graves });
    this.port.drop(states.map(({ kind, id }) => [kind, id]));
  }

  /** Members, this server among them, as stamps name them. */
  #authors(): Set<string> {
    return new Set([this.self, ...this.#horizon.others].map(plain));
  }

  #sweepSoon(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#sweep();
  }

  #sweep(): void {
    const due = this.isSettled ? this.#records.departures.take(this.#horizon.value, SWEEP_RECORDS_MAX) : [];
    this.#sweeping = due.length === SWEEP_RECORDS_MAX;
    if (this.#sweeping) this.port.after(SWEEP_GAP_MS, () => this.#sweep());
    const dropped: RecordState[] = [];
    const isUnagreed = this.#isUnagreed();
    for (const { kind, id } of due) {
      const state = this.port.state(kind, id);
      const departure = state === undefined ? undefined : departureOf(state);
      if (state === undefined || departure === undefined) continue;
      if (departure > this.#horizon.value) this.#records.departures.add({ due: departure, kind, id });
      // Written by a clock that the others were ahead of: a deletion that nobody heard of must not go yet.
      else if (this.#isOwnDeletion(state) && isUnagreed(state.deletedAt!)) this.port.renew([kind, id]);
      else dropped.push(state);
    }
    this.#letGo(dropped);
  }

  #isOwnDeletion({ deletedAt }: RecordState): boolean {
    return deletedAt !== undefined && this.#horizon.others.size > 0 &&
      authorOf(deletedAt) === plain(this.self);
  }

  #isUnagreed(): (stamp: Stamp) => boolean {
    const members = this.#horizon.others;
    const agreed = this.#agreements.greatest(members);
    return (stamp) => this.#generation.isUnagreed(stamp, { agreed, members });
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
    if (this.#horizon.setMembers(set, others)) this.#firstJob = this.port.nextJob();
  }

  /** Two servers that both trust their data: nothing is deleted on one's word alone. */
  #disagree(from: NodeId, { kind, id }: RecordState): void {
    this.port.log("warn", "Another server says that it deleted a record which this one holds: keeping it", {
      from,
      recordKind: kind,
      id,
    });
  }

  #tellLost(lost: readonly LostEdit[]): void {
    this.port.keep({ lost });
    for (const { kind, id, name, fields } of lost) {
      this.port.log("warn", "A record was edited here while the cluster had deleted it: the edit is lost", {
        recordKind: kind,
        id,
        name,
        fields,
      });
    }
  }
}

/** A node id as stamps have it. */
function plain(id: NodeId): string {
  return id.replaceAll("-", "").toLowerCase();
}

function lostEdit(state: RecordState, isUnagreed: (stamp: Stamp) => boolean): LostEdit {
  return {
    kind: state.kind,
    id: state.id,
    name: uniqueNames(state)[0]?.name ?? "",
    fields: editedFields(state, isUnagreed),
    editedAtMs: stampMs(stampRange(state).greatest),
  };
}
