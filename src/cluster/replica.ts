import { assert } from "../base/mod.ts";
import {
  applyWrite,
  type HybridClock,
  mergeRecords,
  packRecord,
  RecordFormatError,
  type RecordKind,
  type RecordState,
  stampRange,
  uniqueNames,
  unpackRecord,
  type Write,
} from "../records/mod.ts";
import type { Channel } from "../membership/mod.ts";
import type { Stored } from "../reconciliation/mod.ts";
import type { RecordRow } from "./effect.ts";
import type { RecordChange, WriteOutcome } from "./outcome.ts";
import type { RecordTable } from "./record_table.ts";

/** Jobs that wait for a record whose commit is under way; past it writers are refused and pushes left to reconciliation. */
const WAITING_JOBS_MAX = 10_000;

/** Records of another server in one commit, and their packed bytes: well within what one atomic write of the store holds. */
const COMMIT_RECORDS_MAX = 400;
const COMMIT_BYTES_MAX = 8 * 1024 * 1024;

/** What the replica needs of the machine around it. */
export interface ReplicaPort {
  wallMs(): number;
  commit(token: number, rows: RecordRow[], lineage: string | undefined): void;
  /** A local write is on disk. */
  written(token: number, keys: ReadonlyArray<readonly [RecordKind, string]>): void;
  /** A local write changed nothing, or was refused. */
  answered(token: number, outcome: WriteOutcome): void;
  /** Records of another server are on disk, or were known already; `news` are those that were not. */
  stored(incoming: Incoming, keys: { readonly all: readonly Key[]; readonly news: readonly Key[] }): void;
  changed(changes: RecordChange[]): void;
  log(level: "debug" | "warn", message: string, fields: Record<string, unknown>): void;
}

type Key = readonly [RecordKind, string];

/** Records that another server sent. */
export interface Incoming {
  readonly from: string;
  /** Sequence of the push to answer; undefined for reconciliation. */
  readonly sequence: number | undefined;
  /** How it came; the answer takes the same way. */
  readonly channel: Channel;
  /** The sender asks to pass on what is new: it does not reach everybody. */
  readonly passOn: boolean;
  /** Called once when all is on disk, or a part of it is lost. */
  readonly done?: (stored: Stored) => void;
  readonly records: readonly Uint8Array[];
}

type Job =
  | {
    readonly kind: "write";
    readonly token: number;
    readonly writes: readonly Write[];
    readonly lineage: string | undefined;
    readonly keys: readonly string[];
  }
  | {
    readonly kind: "incoming";
    readonly token: number;
    readonly delivery: Delivery;
    readonly copies: readonly Change[];
    readonly keys: readonly string[];
  };

/** One message of records on its way to disk, in several commits where it is large. */
interface Delivery {
  readonly incoming: Incoming;
  readonly all: readonly Key[];
  readonly news: Key[];
  /** Those of which we hold more than was sent. */
  readonly better: Key[];
  commitsLeft: number;
  /** Something was refused, does not fit, or is not on disk: the sender may not count on us. */
  failed: boolean;
  /** Something could not be written to disk. */
  lost: boolean;
}

interface Change {
  readonly state: RecordState;
  readonly packed: Uint8Array;
}

interface Pending {
  readonly job: Job;
  readonly changes: ReadonlyMap<string, Change>;
  readonly names: readonly string[];
}

/**
 * The order of commits. A change enters the table only after it is on disk; meanwhile its records are pending, and whatever touches
 * them waits its turn, so that nothing is ever built upon a change that may still fail.
 */
export class Replica {
  readonly #pending = new Map<number, Pending>();
  readonly #pendingKeys = new Set<string>();
  readonly #pendingNames = new Map<string, string>();
  #waiting: Job[] = [];
  /** Tokens of incoming records are negative: the caller's own are not. */
  #nextToken = -1;

  constructor(
    private readonly table: RecordTable,
    private readonly clock: HybridClock,
    private readonly port: ReplicaPort,
  ) {}

  /** Commits under way or waiting. */
  get pendingCount(): number {
    return this.#pending.size + this.#waiting.length;
  }

  write(token: number, writes: readonly Write[], lineage: string | undefined): void {
    assert(token >= 0, `Cannot write: token ${token} is negative`);
    if (this.#waiting.length >= WAITING_JOBS_MAX) {
      return this.port.answered(token, { kind: "unavailable", reason: "Too many writes are pending: try again soon" });
    }
    this.#runOrWait({ kind: "write", token, writes, lineage, keys: writes.map(({ kind, id }) => `${kind}/${id}`) });
  }

  /** Takes in records of another server; malformed ones are dropped and counted, the rest merged and committed. */
  receive(incoming: Incoming): void {
    if (this.#waiting.length >= WAITING_JOBS_MAX) { // Not acknowledged: reconciliation brings them again.
      return incoming.done?.({ whole: false, better: [] });
    }
    const batches: Change[][] = [];
    const refused = new Map<string, number>();
    let records = Infinity, bytes = 0;
    for (const packed of incoming.records) {
      const state = this.#accepted(packed);
      if (typeof state === "string") {
        refused.set(state, (refused.get(state) ?? 0) + 1);
        continue;
      }
      if (records >= COMMIT_RECORDS_MAX || bytes + packed.length > COMMIT_BYTES_MAX) {
        batches.push([]);
        records = bytes = 0;
      }
      batches[batches.length - 1].push({ state, packed });
      records++;
      bytes += packed.length;
    }
    for (const [reason, count] of refused) this.port.log("warn", reason, { from: incoming.from, records: count });
    // A copy that does not exist must not be counted: what was refused is not acknowledged.
    const delivery: Delivery = {
      incoming,
      all: batches.flat().map(({ state: { kind, id } }) => [kind, id]),
      news: [],
      better: [],
      commitsLeft: Math.max(1, batches.length),
      failed: refused.size > 0,
      lost: false,
    };
    if (batches.length === 0) return this.#delivered(delivery, []);
    for (const copies of batches) {
      const keys = copies.map(({ state: { kind, id } }) => `${kind}/${id}`);
      this.#runOrWait({ kind: "incoming", token: this.#nextToken--, delivery, copies, keys });
    }
  }

  committed(token: number): void {
    const { job, changes } = this.#settle(token);
    const keys: Array<readonly [RecordKind, string]> = [];
    const news: RecordChange[] = [];
    for (const { state, packed } of changes.values()) {
      const { kind, id, deletedAt } = state;
      this.table.put(state, packed);
      keys.push([kind, id]);
      news.push({ kind, id, change: deletedAt === undefined ? "changed" : "deleted" });
    }
    this.port.changed(news);
    if (job.kind === "write") this.port.written(token, keys);
    else this.#delivered(job.delivery, keys);
    this.#resume();
  }

  failed(token: number, reason: string): void {
    const { job } = this.#settle(token);
    if (job.kind === "write") this.port.answered(token, { kind: "storage_failed", reason });
    else this.#lost(job.delivery, reason);
    this.#resume();
  }

  /** One commit of a delivery is done; after the last, whoever sent it hears so, unless a part was lost. */
  #delivered(delivery: Delivery, news: ReadonlyArray<readonly [RecordKind, string]>): void {
    delivery.news.push(...news);
    this.#endPart(delivery);
  }

  #endPart(delivery: Delivery): void {
    delivery.commitsLeft--;
    if (delivery.commitsLeft > 0) return;
    const { incoming, failed, lost, better } = delivery;
    if (!failed) this.port.stored(incoming, delivery);
    incoming.done?.({ whole: !lost, better });
  }

  /** Not acknowledged: reconciliation brings it again. */
  #lost(delivery: Delivery, reason: string): void {
    delivery.failed = delivery.lost = true;
    this.port.log("warn", "Cannot store records of another server", { from: delivery.incoming.from, reason });
    this.#endPart(delivery);
  }

  /** The record, or why it is refused. One from the future is offered again by reconciliation until our time has caught up. */
  #accepted(packed: Uint8Array): RecordState | string {
    let state: RecordState;
    try {
      state = unpackRecord(packed);
    } catch (error) {
      if (!(error instanceof RecordFormatError)) throw error;
      return "Dropped malformed records";
    }
    const verdict = this.clock.receive(stampRange(state).greatest, this.port.wallMs());
    return verdict === "accepted" ? state : "Set aside records from the future: check the clocks";
  }

  #runOrWait(job: Job): void {
    if (job.keys.some((key) => this.#pendingKeys.has(key))) this.#waiting.push(job);
    else this.#run(job);
  }

  #resume(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    // A job may not overtake an earlier one on the same record.
    const blocked = new Set<string>();
    for (const job of waiting) {
      if (job.keys.some((key) => this.#pendingKeys.has(key) || blocked.has(key))) {
        for (const key of job.keys) blocked.add(key);
        this.#waiting.push(job);
      } else {
        this.#run(job);
      }
    }
  }

  #run(job: Job): void {
    if (job.kind === "write") this.#runWrite(job);
    else this.#runIncoming(job);
  }

  #runWrite(job: Extract<Job, { kind: "write" }>): void {
    const stamp = this.clock.now(this.port.wallMs());
    const changes = new Map<string, Change>();
    const names = new Map<string, string>();
    for (const write of job.writes) {
      const key = `${write.kind}/${write.id}`;
      const current = changes.get(key)?.state ?? this.table.state(write.kind, write.id);
      const result = applyWrite(current, write, stamp);
      if (result.kind === "refused") {
        return this.port.answered(job.token, { kind: "unavailable", reason: result.reason });
      }
      if (result.kind !== "applied") return this.port.answered(job.token, { kind: result.kind, id: write.id });
      if (!result.changed) continue;
      const taken = this.#claimNames(result.state, current, names);
      if (taken !== undefined) return this.port.answered(job.token, taken);
      changes.set(key, { state: result.state, packed: packRecord(result.state) });
    }
    if (changes.size === 0 && job.lineage === undefined) {
      return this.port.answered(job.token, { kind: "committed", copies: 1, members: 1 });
    }
    this.#commit(job, changes, names, job.lineage);
  }

  /** Checks the unique names that a write changes; undefined when they are free and now claimed in `names`. */
  #claimNames(
    state: RecordState,
    before: RecordState | undefined,
    names: Map<string, string>,
  ): WriteOutcome | undefined {
    if (state.deletedAt !== undefined) return undefined;
    const had = new Set(before === undefined ? [] : uniqueNames(before).map(({ field, name }) => `${field}\0${name}`));
    for (const { field, name } of uniqueNames(state)) {
      if (had.has(`${field}\0${name}`)) continue;
      const claim = `${state.kind}\0${field}\0${name}`;
      const owner = names.get(claim) ?? this.#pendingNames.get(claim) ?? this.table.owner(state.kind, field, name);
      if (owner !== undefined && owner !== state.id) {
        return { kind: "name_taken", recordKind: state.kind, field, value: name };
      }
      names.set(claim, state.id);
    }
    return undefined;
  }

  #runIncoming(job: Extract<Job, { kind: "incoming" }>): void {
    const changes = new Map<string, Change>();
    const { delivery } = job;
    for (const { state: incoming, packed: received } of job.copies) {
      const key = `${incoming.kind}/${incoming.id}`;
      const current = changes.get(key)?.state ?? this.table.state(incoming.kind, incoming.id);
      const merged = current === undefined ? incoming : mergeRecords(current, incoming);
      if (
        current !== undefined && delivery.incoming.done !== undefined && mergeRecords(incoming, current) !== incoming
      ) {
        delivery.better.push([incoming.kind, incoming.id]);
      }
      if (merged === current) continue;
      const packed = merged === incoming ? received : this.#packed(merged, delivery.incoming.from);
      if (packed === undefined) delivery.failed = true;
      else changes.set(key, { state: merged, packed });
    }
    if (changes.size === 0) return this.#delivered(delivery, []);
    this.#commit(job, changes, new Map(), undefined);
  }

  /** A merge of many sides may pass the limits that each of them kept; then ours stays as it is. */
  #packed(merged: RecordState, from: string): Uint8Array | undefined {
    try {
      return packRecord(merged);
    } catch (error) {
      if (!(error instanceof RecordFormatError)) throw error;
      this.port.log("warn", "Cannot merge a record of another server: it is too large", {
        from,
        recordKind: merged.kind,
        id: merged.id,
        reason: error.message,
      });
      return undefined;
    }
  }

  #commit(
    job: Job,
    changes: ReadonlyMap<string, Change>,
    names: ReadonlyMap<string, string>,
    lineage: string | undefined,
  ): void {
    const rows: RecordRow[] = [];
    for (const [key, { state: { kind, id }, packed }] of changes) {
      rows.push({ kind, id, packed });
      this.#pendingKeys.add(key);
    }
    for (const [name, id] of names) this.#pendingNames.set(name, id);
    this.#pending.set(job.token, { job, changes, names: [...names.keys()] });
    this.port.commit(job.token, rows, lineage);
  }

  #settle(token: number): Pending {
    const pending = this.#pending.get(token);
    assert(pending !== undefined, `Cannot settle commit ${token}: it is not pending`);
    this.#pending.delete(token);
    for (const key of pending.changes.keys()) this.#pendingKeys.delete(key);
    for (const name of pending.names) this.#pendingNames.delete(name);
    return pending;
  }
}
