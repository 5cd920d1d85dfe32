import type { NodeId } from "../membership/mod.ts";
import type { RecordKey } from "../reconciliation/mod.ts";
import {
  authorNamed,
  authorOf,
  birthOf,
  departureOf,
  type Reading,
  readingOf,
  type RecordKind,
  type RecordState,
  type Stamp,
  stampMs,
  stampRange,
  uniqueNames,
} from "../records/mod.ts";
import type { Agreements } from "./agreements.ts";
import type { Kept } from "./effect.ts";
import { editedFields, fateOf, type Generation } from "./generation.ts";
import type { Graves } from "./graves.ts";
import type { Horizon } from "./horizon.ts";
import type { LoadedRecords } from "./loaded_records.ts";
import type { DisputeMessage, GoneMessage } from "./message.ts";

/** Records let go in one commit, and the pause before the next, in milliseconds: writers come in between. */
const SWEEP_RECORDS_MAX = 400;
const SWEEP_GAP_MS = 10;

/** Records of which it is gathered who cannot tell; those past it come again when these are settled. */
const UNTOLD_MAX = 10_000;

/** Tombstones that are remembered to have gone before their time; past it the oldest are forgotten. */
const EARLY_MAX = 10_000;

/** What is to be done with a record that another server sent. */
export type Verdict =
  | "merge"
  /** It was deleted, and everybody knows: it is not taken. */
  | "gone"
  /** Whether it was deleted is for others to tell: whoever holds it has to ask them. It is not taken, and nothing is said of it. */
  | "leave"
  /** A deletion that comes too late for its stamp: it needs one that others still look at. */
  | "delete_anew";

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

/** What decides about deleted records: shared with whoever moves the horizon. */
export interface DeletionMemory {
  readonly horizon: Horizon;
  readonly generation: Generation;
  readonly agreements: Agreements;
  readonly graves: Graves;
  readonly records: Pick<LoadedRecords, "departures" | "track">;
}

/** What letting go needs of the records and the machine around it. */
export interface DeletionPort {
  after(delayMs: number, callback: () => void): void;
  lineage(): string | undefined;
  state(kind: RecordKind, id: string): RecordState | undefined;
  /** Stamps given now would be at or below the horizon. */
  isBehindHorizon(): boolean;
  /** Live members that could tell what was deleted. */
  witnesses(): readonly NodeId[];
  /** `from` is not settled, as far as we know, and another member may be. */
  knowsNoBetter(from: NodeId): boolean;
  /** Removes records as if they had never been. */
  drop(keys: readonly RecordKey[]): void;
  /** Writes a record, or its deletion, anew. */
  renew(key: RecordKey): void;
  keep(kept: Kept): void;
  /** Whether our data has all that members wrote, and deleted, up to `horizon`. */
  keptUpTo(horizon: Reading): boolean;
  /** Our data counts as coming from elsewhere, until it agrees with that of `to`, whose horizon is `horizon`. */
  yield(to: NodeId, horizon: Reading): void;
  /** Other members with whom an agreement tells that the cluster has what both had. */
  insiders(): readonly NodeId[];
  /** Other members that have come to our horizon: it has counted on them, so that what they wrote up to it reached everybody. */
  followers(): readonly NodeId[];
  send(to: NodeId, message: GoneMessage | DisputeMessage): void;
  log(level: "info" | "warn", message: string, fields: Record<string, unknown>): void;
}

/** Lets tombstones go that the horizon has passed, refuses what they had deleted, and hears what others have let go. */
export class DeletedRecords {
  #sweeping = false;
  /** Tombstones that went on another server's word before our own horizon passed them: its horizon, by `kind/id`. */
  readonly #early = new Map<string, Reading>();
  /** Who could not tell of a record whether the cluster ever had it, by `kind/id`. */
  readonly #untoldBy = new Map<string, Set<NodeId>>();

  constructor(
    private readonly self: NodeId,
    private readonly memory: DeletionMemory,
    private readonly port: DeletionPort,
  ) {}

  /** A record was committed: remembers when it departs. */
  track(state: RecordState): void {
    this.memory.records.track(state);
  }

  /** The earliest moment at which something can go; undefined when nothing waits. */
  get nextDue(): Reading | undefined {
    return this.memory.records.departures.nextDue;
  }

  /** What to do with a record that `from` sent, when ours is `current`. */
  judge(current: RecordState | undefined, incoming: RecordState, from: NodeId): Verdict {
    if (current === undefined && this.#isHearsay(incoming, from)) return "leave";
    if (!this.#isSettled) return "merge"; // Who may have missed something cannot tell what was deleted from what is new.
    const departure = departureOf(incoming);
    const isPast = departure !== undefined && departure <= this.memory.horizon.value;
    // A deletion above the horizon is news to somebody, however old the record.
    const isOld = incoming.deletedAt === undefined && readingOf(birthOf(incoming)) <= this.memory.horizon.value;
    if (current === undefined) return isPast || isOld || this.#wentEarly(incoming) ? "gone" : "merge";
    return isPast && incoming.deletedAt !== undefined && current.deletedAt === undefined ? "delete_anew" : "merge";
  }

  /**
   * A record that neither of two servers can place, while somebody else may. Once it is here it looks as if it had been here at our
   * agreements, since its stamp is from before them: asked by one that has deleted it or never had it, we would give the wrong answer.
   */
  #isHearsay(incoming: RecordState, from: NodeId): boolean {
    if (this.#isSettled || incoming.deletedAt !== undefined || !this.port.knowsNoBetter(from)) return false;
    return readingOf(birthOf(incoming)) <= this.memory.agreements.greatest(this.port.insiders());
  }

  /** Tells the sender of deleted records that they are, and of which of them it can be that nobody here ever heard. */
  refused(to: NodeId, states: readonly RecordState[]): void {
    const lineage = this.port.lineage();
    if (lineage === undefined) return;
    const authors = this.#authors();
    authors.delete(authorNamed(to)); // It may be on an older disk, and know what nobody else does.
    const [known, unknown, untold]: [RecordKey[], RecordKey[], RecordKey[]] = [[], [], []];
    for (const state of states) {
      const birth = birthOf(state);
      const isKnown = this.#reachedUs(birth, authors) || this.memory.graves.has([state.kind, state.id]) ||
        this.#wentEarly(state);
      (isKnown ? known : this.memory.generation.remembers(birth) ? unknown : untold).push([state.kind, state.id]);
    }
    this.port.send(to, { kind: "gone", lineage, horizon: this.memory.horizon.value, known, unknown, untold });
  }

  /** A server that is settled says that it deleted what we sent it. */
  gone(from: NodeId, { horizon, known, unknown, untold }: GoneMessage): void {
    const hasKeptUp = this.port.keptUpTo(horizon);
    if (this.#isSettled && this.#isDisputed(horizon, known)) {
      if (hasKeptUp) return this.#dispute(from);
      this.port.yield(from, horizon);
    }
    const dropped: RecordState[] = [];
    const lost: LostEdit[] = [];
    let renewed = 0;
    const isUnagreed = this.#isUnagreed();
    // What it does not know it never had, though we agreed with it after that was made: it came here from elsewhere since.
    const isUnagreedElsewhere = this.#isUnagreed({ but: from });
    const [isKnown, isUntold] = [new Set(known), new Set(untold)];
    for (const key of [...known, ...unknown, ...untold]) {
      const state = this.port.state(...key);
      if (state === undefined) continue;
      const departure = departureOf(state);
      const isPast = departure !== undefined && departure <= horizon;
      if (!isPast && (state.deletedAt !== undefined || readingOf(birthOf(state)) > horizon)) continue;
      // What a settled server holds came late, and the other one's horizon was faster: it is dropped by nobody.
      const isOurs = this.#isSettled && !isKnown.has(key);
      const isSure = isPast || (isOurs && hasKeptUp);
      if (!isSure && isUntold.has(key) && this.#isToBeAsked(key, from)) continue; // Others answer it, too.
      const isAgreed = !(isUntold.has(key) ? isUnagreed : isUnagreedElsewhere)(birthOf(state));
      const fate = isPast
        ? "drop"
        : isOurs
        ? "renew"
        : fateOf(state, { isUnagreed, isKnown: isKnown.has(key) || isAgreed });
      if (fate === "renew") {
        if (this.port.isBehindHorizon()) continue; // It comes again when time has caught up.
        this.port.renew(key);
        renewed++;
      } else dropped.push(state);
      if (isPast) this.#goesEarly(key, horizon);
      if (fate === "drop_edited" && !this.#isSettled) lost.push(lostEdit(state, isUnagreed));
    }
    if (renewed > 0) {
      this.port.log("info", "Writing records anew that only this server knew of", { records: renewed, from });
    }
    this.#letGo(dropped);
    if (lost.length > 0) this.#tellLost(lost);
  }

  #goesEarly(key: RecordKey, horizon: Reading): void {
    if (horizon <= this.memory.horizon.value) return;
    this.#early.set(key.join("/"), horizon);
    if (this.#early.size > EARLY_MAX) this.#early.delete(this.#early.keys().next().value!);
  }

  #wentEarly(state: RecordState): boolean {
    const horizon = this.#early.get(`${state.kind}/${state.id}`);
    return horizon !== undefined && readingOf(birthOf(state)) <= horizon;
  }

  /** `from` cannot tell of this record: whether there is somebody who has not been asked, and might. */
  #isToBeAsked(key: RecordKey, from: NodeId): boolean {
    const name = key.join("/");
    const asked = this.#untoldBy.get(name) ?? new Set();
    asked.add(from);
    if (this.port.witnesses().every((id) => asked.has(id))) {
      this.#untoldBy.delete(name);
      return false;
    }
    if (this.#untoldBy.size < UNTOLD_MAX) this.#untoldBy.set(name, asked);
    return true;
  }

  /** Lets go of what the horizon has passed, in steps. */
  sweepSoon(): void {
    for (const [name, horizon] of this.#early) if (horizon <= this.memory.horizon.value) this.#early.delete(name);
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#sweep();
  }

  /** Lets records go, and remembers those that somebody may bring back of whom nothing else is known. */
  #letGo(states: readonly RecordState[]): void {
    if (states.length === 0) return;
    const authors = this.#authors();
    const buried = states.filter((state) => !this.#reachedUs(birthOf(state), authors));
    const graves = this.memory.graves.dig(buried.map(({ kind, id }) => [kind, id]));
    if (graves.dug.length > 0) this.port.keep({ graves });
    this.port.drop(states.map(({ kind, id }) => [kind, id]));
  }

  get #isSettled(): boolean {
    return this.memory.generation.isSettled;
  }

  /**
   * Who wrote nothing up to our horizon that we never had: this server, and members that follow it. One that joined through a removed
   * server has written below a horizon that it knew nothing of.
   */
  #authors(): Set<string> {
    return new Set([this.self, ...this.port.followers()].map(authorNamed));
  }

  /** Whether what was written at `stamp`, at or below our horizon, was here for certain. @param authors as {@link #authors} */
  #reachedUs(stamp: Stamp, authors: ReadonlySet<string>): boolean {
    return authors.has(authorOf(stamp)) || this.memory.agreements.includes(stamp);
  }

  #sweep(): void {
    const due = this.#isSettled
      ? this.memory.records.departures.take(this.memory.horizon.value, SWEEP_RECORDS_MAX)
      : [];
    this.#sweeping = due.length === SWEEP_RECORDS_MAX;
    if (this.#sweeping) this.port.after(SWEEP_GAP_MS, () => this.#sweep());
    const dropped: RecordState[] = [];
    const isUnagreed = this.#isUnagreed();
    for (const { kind, id } of due) {
      const state = this.port.state(kind, id);
      const departure = state === undefined ? undefined : departureOf(state);
      if (state === undefined || departure === undefined) continue;
      if (departure > this.memory.horizon.value) this.memory.records.departures.add({ due: departure, kind, id });
      // Written by a clock that the others were ahead of: a deletion that nobody heard of must not go yet.
      else if (this.#isOwnDeletion(state) && isUnagreed(state.deletedAt!)) this.port.renew([kind, id]);
      else dropped.push(state);
    }
    this.#letGo(dropped);
  }

  #isOwnDeletion({ deletedAt }: RecordState): boolean {
    return deletedAt !== undefined && this.memory.horizon.others.size > 0 &&
      authorOf(deletedAt) === authorNamed(this.self);
  }

  /** @param options `but`: with whom an agreement does not count */
  #isUnagreed({ but }: { but?: NodeId } = {}): (stamp: Stamp) => boolean {
    const members = this.port.insiders().filter((id) => id !== but);
    const agreed = this.memory.agreements.greatest(members);
    return (stamp) => this.memory.generation.isUnagreed(stamp, { agreed, members });
  }

  /** Whether we hold any of those as if they had never been deleted. */
  #isDisputed(horizon: Reading, known: readonly RecordKey[]): boolean {
    return known.some((key) => {
      const state = this.port.state(...key);
      return state !== undefined && state.deletedAt === undefined && readingOf(birthOf(state)) <= horizon;
    });
  }

  /** Two servers that both trust their data: nothing is deleted on the word of one that lost it itself. */
  #dispute(from: NodeId): void {
    const lineage = this.port.lineage();
    if (lineage === undefined) return;
    this.port.log("warn", "Another server counts records as deleted that this one rightly holds: telling it so", {
      from,
    });
    this.port.send(from, { kind: "dispute", lineage });
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

function lostEdit(state: RecordState, isUnagreed: (stamp: Stamp) => boolean): LostEdit {
  return {
    kind: state.kind,
    id: state.id,
    name: uniqueNames(state)[0]?.name ?? "",
    fields: editedFields(state, isUnagreed),
    editedAtMs: stampMs(stampRange(state).greatest),
  };
}
