import { assert } from "../base/mod.ts";
import {
  applyWrite,
  birthOf,
  type HybridClock,
  mergeRecords,
  packRecord,
  RecordFormatError,
  type RecordState,
  renewed,
  stampRange,
  tombstone,
  unpackRecord,
  type Write,
} from "../records/mod.ts";
import { ChangeMaker } from "./change_maker.ts";
import { COMMIT_RECORDS_MAX, commitBatches } from "./commit_batches.ts";
import { CommitOrder } from "./commit_order.ts";
import type { RecordRow } from "./effect.ts";
import type { RecordKey } from "../reconciliation/mod.ts";
import { type Incoming, IncomingDelivery } from "./incoming.ts";
import type { Change, Copy, Job } from "./job.ts";
import { claimNames, claimsBetween, claimsIn } from "./name_claims.ts";
import { Quarantine } from "./quarantine.ts";
import type { RecordChange, WriteOutcome } from "./outcome.ts";
import type { RecordTable } from "./record_table.ts";
import type { ReplicaPort } from "./replica_port.ts";

/** Jobs that wait for a record whose commit is under way; past it writers are refused and pushes left to reconciliation. */
const WAITING_JOBS_MAX = 10_000;

/** Rows that a full disk did not let go are tried again after so long, in milliseconds. */
const DROP_AGAIN_MS = 5_000;

/**
 * Makes commits of what is written here and of what others send. A change enters the table only after it is on disk; meanwhile its
 * records are locked, and whatever touches them waits its turn, so that nothing is ever built upon a change that may still fail.
 */
export class Replica {
  readonly #order = new CommitOrder((job) => this.#makeCommit(job));
  readonly #quarantine: Quarantine;
  /** Drops that the disk did not take; they are tried again. */
  #refusedDrops = 0;
  readonly #changes: ChangeMaker;
  /** Tokens of incoming records are negative: the caller's own are not. */
  #nextToken = -1;

  constructor(
    private readonly table: RecordTable,
    private readonly clock: HybridClock,
    private readonly port: ReplicaPort,
  ) {
    this.#quarantine = new Quarantine({ ...port, release: (keys) => this.#release(keys) });
    this.#changes = new ChangeMaker(table, this.#quarantine, port);
  }

  /** Records whose newest version waits for its time. */
  get quarantined(): number {
    return this.#quarantine.size;
  }

  /** Number of the next job. */
  get nextJob(): number {
    return this.#order.nextNumber;
  }

  /** Whether every job before number `job` has ended. */
  isDoneBefore(job: number): boolean {
    return this.#order.isDoneBefore(job);
  }

  /** What was on disk at start, waiting for its time; the table has what is shown meanwhile. */
  remember(state: RecordState, packed: Uint8Array): void {
    this.table.put(state, packed, { shown: this.table.state(state.kind, state.id) });
    this.#quarantine.add(state, packed.length);
  }

  /** Commits under way or waiting. */
  get pendingCount(): number {
    return this.#order.pendingCount;
  }

  /** The disk still has records that were let go: started again now, this server would have them back. */
  get isDiskBehind(): boolean {
    return this.#refusedDrops > 0;
  }

  write(token: number, writes: readonly Write[], lineage: string | undefined): void {
    assert(token >= 0, `Cannot write: token ${token} is negative`);
    if (this.#order.waitingCount >= WAITING_JOBS_MAX) {
      return this.port.answered(token, { kind: "unavailable", reason: "Too many writes are pending: try again soon" });
    }
    // Who has a name that a commit under way takes, or sets free, is known when that has ended.
    const keys = writes.flatMap((write) => [`${write.kind}/${write.id}`, ...claimsIn(write)]);
    this.#order.begin({ kind: "write", token, writes, lineage, keys });
  }

  /** Writes a record, or its deletion, once more under a stamp of ours. */
  rewrite(key: RecordKey, how: "renew" | "delete"): void {
    this.#order.begin({ kind: "rewrite", token: this.#nextToken--, key, how, keys: [key.join("/")] });
  }

  /** Lets records go as if they had never been. */
  drop(dropped: readonly RecordKey[]): void {
    this.#inCommits(dropped, (dropped, job) => this.#order.begin({ kind: "drop", dropped, ...job }));
  }

  #release(released: readonly RecordKey[]): void {
    this.#inCommits(released, (released, job) => this.#order.begin({ kind: "release", released, ...job }));
  }

  /** Begins a job for each part that one commit holds. */
  #inCommits(
    records: readonly RecordKey[],
    begin: (part: readonly RecordKey[], job: Pick<Job, "token" | "keys">) => void,
  ): void {
    for (let at = 0; at < records.length; at += COMMIT_RECORDS_MAX) {
      const part = records.slice(at, at + COMMIT_RECORDS_MAX);
      begin(part, { token: this.#nextToken--, keys: part.map((key) => key.join("/")) });
    }
  }

  /** Takes in records of another server; malformed ones are dropped and counted, the rest merged and committed. */
  receive(incoming: Incoming): void {
    if (this.#order.waitingCount >= WAITING_JOBS_MAX) { // Not acknowledged: reconciliation brings them again.
      return incoming.done?.({ whole: false, better: [] });
    }
    const accepted: Copy[] = [];
    const refused = new Map<string, number>();
    for (const packed of incoming.records) {
      const state = this.#accepted(packed);
      if (typeof state === "string") refused.set(state, (refused.get(state) ?? 0) + 1);
      else accepted.push({ state, packed });
    }
    for (const [reason, count] of refused) this.port.log("warn", reason, { from: incoming.from, records: count });
    const batches = commitBatches(accepted);
    const all = accepted.map(({ state: { kind, id } }): RecordKey => [kind, id]);
    // A copy that does not exist must not be counted: what was refused is not acknowledged.
    const delivery = new IncomingDelivery(incoming, this.port, all, {
      commits: Math.max(1, batches.length),
      isRefused: refused.size > 0,
    });
    if (batches.length === 0) return delivery.stored([]);
    for (const copies of batches) {
      const keys = copies.map(({ state: { kind, id } }) => `${kind}/${id}`);
      this.#order.begin({ kind: "incoming", token: this.#nextToken--, delivery, copies, keys });
    }
  }

  committed(token: number): void {
    const { job, changes } = this.#order.settle(token);
    const keys: RecordKey[] = [];
    const news: RecordChange[] = [];
    for (const { state, packed, aside } of changes.values()) {
      const { kind, id } = state;
      this.table.put(state, packed, aside);
      this.port.tracked(state);
      if (aside === undefined) this.#quarantine.remove(kind, id);
      else this.#quarantine.add(state, packed.length);
      keys.push([kind, id]);
      const shown = aside === undefined ? state : aside.shown;
      if (shown !== undefined) {
        news.push({ kind, id, change: shown.deletedAt === undefined ? "changed" : "deleted" });
      }
    }
    if (news.length > 0) this.port.changed(news);
    if (job.kind === "write") this.port.written(token, keys);
    else if (job.kind === "rewrite") this.port.rewritten(keys, token);
    else if (job.kind === "incoming") job.delivery.stored(keys);
    else if (job.kind === "drop" && job.isRowsOnly) this.#refusedDrops--;
    this.#order.end(job);
  }

  failed(token: number, reason: string): void {
    const { job } = this.#order.settle(token);
    if (job.kind === "write") this.port.answered(token, { kind: "storage_failed", reason });
    else if (job.kind === "incoming") job.delivery.lost(reason);
    else if (job.kind === "drop") this.#dropAgain(job);
    this.#order.end(job);
  }

  /** The record, or why it is refused. Our clock follows what it tells of the present. */
  #accepted(packed: Uint8Array): RecordState | string {
    let state: RecordState;
    try {
      state = unpackRecord(packed);
    } catch (error) {
      if (!(error instanceof RecordFormatError)) throw error;
      return "Dropped malformed records";
    }
    const wallMs = this.port.wallMs();
    if (this.clock.receive(stampRange(state).greatest, wallMs) === "accepted") return state;
    const present = this.#changes.presentOf(state);
    if (present !== undefined) this.clock.receive(stampRange(present).greatest, wallMs);
    return state;
  }

  /** Commits what the job makes of the records; false when that is nothing. */
  #makeCommit(job: Job): boolean {
    switch (job.kind) {
      case "write":
        return this.#runWrite(job);
      case "incoming":
        return this.#runIncoming(job);
      case "rewrite":
        return this.#runRewrite(job);
      case "release":
        return this.#runRelease(job);
      case "drop":
        return this.#runDrop(job);
    }
  }

  #runWrite(job: Extract<Job, { kind: "write" }>): boolean {
    const stamp = this.clock.now(this.port.wallMs());
    const changes = new Map<string, Change>();
    const names = new Map<string, string>();
    const touched: string[] = [];
    for (const write of job.writes) {
      const key = `${write.kind}/${write.id}`;
      const earlier = changes.get(key);
      const current = this.#changes.shown(write.kind, write.id, earlier);
      const result = applyWrite(current, write, stamp);
      if (result.kind === "refused") return this.#answer(job.token, { kind: "unavailable", reason: result.reason });
      if (result.kind !== "applied") return this.#answer(job.token, { kind: result.kind, id: write.id });
      if (earlier === undefined && !this.#isAtVersion(write)) {
        return this.#answer(job.token, { kind: "changed", id: write.id });
      }
      if (!result.changed) continue;
      const taken = claimNames(
        result.state,
        current,
        names,
        (kind, field, name) => this.table.owner(kind, field, name),
      );
      if (taken !== undefined) return this.#answer(job.token, taken);
      const change = this.#changes.written(result.state, earlier);
      if (change === undefined) {
        return this.#answer(job.token, { kind: "unavailable", reason: "The record's next version is too large" });
      }
      changes.set(key, change);
      touched.push(...claimsBetween(current, result.state));
    }
    if (changes.size === 0 && job.lineage === undefined) {
      const [first] = job.writes;
      const version = first && this.table.version(first.kind, first.id);
      return this.#answer(job.token, { kind: "committed", copies: 1, members: 1, version });
    }
    this.#commit(job, changes, { touched, lineage: job.lineage });
    return true;
  }

  #isAtVersion(write: Write): boolean {
    return write.op !== "update" || write.version === undefined ||
      write.version === this.table.version(write.kind, write.id);
  }

  #answer(token: number, outcome: WriteOutcome): false {
    this.port.answered(token, outcome);
    return false;
  }

  #runIncoming(job: Extract<Job, { kind: "incoming" }>): boolean {
    const { delivery } = job;
    const changes = new Map<string, Change>();
    const gone: RecordState[] = [];
    const isPushed = delivery.incoming.sequence !== undefined;
    const touched: string[] = [];
    for (const { state: incoming, packed } of job.copies) {
      const { kind, id } = incoming;
      const earlier = changes.get(`${kind}/${id}`);
      const current = earlier?.state ?? this.table.state(kind, id);
      const verdict = this.port.judge(current, incoming, delivery.incoming.from);
      if (verdict === "gone") gone.push(incoming);
      if (verdict === "delete_anew") this.rewrite([kind, id], "delete");
      // A copy that does not exist must not be counted: what was refused is not acknowledged.
      if (verdict !== "merge") {
        delivery.refuse();
        continue;
      }
      const merged = current === undefined ? incoming : mergeRecords(current, incoming);
      const lacksOurs = current !== undefined && mergeRecords(incoming, current) !== incoming;
      if (lacksOurs && delivery.incoming.done !== undefined) delivery.better.push([kind, id]);
      if (merged === current) continue;
      // What lacks nothing of ours is what both amount to, and is packed already.
      const change = this.#changes.received(lacksOurs ? merged : incoming, { state: incoming, packed }, {
        earlier,
        from: delivery.incoming.from,
      });
      if (change === undefined) {
        delivery.refuse();
        continue;
      }
      changes.set(`${kind}/${id}`, change);
      if (isPushed) touched.push(...claimsBetween(current, change.state)); // Of others readers are shown nothing yet.
    }
    if (gone.length > 0) this.port.refused(delivery.incoming.from, gone);
    if (changes.size > 0) {
      this.#commit(job, changes, { touched, isPushed });
      return true;
    }
    delivery.stored([]);
    return false;
  }

  #runRewrite(job: Extract<Job, { kind: "rewrite" }>): boolean {
    const [kind, id] = job.key;
    const current = this.table.state(kind, id);
    if (current === undefined || (job.how === "delete" && current.deletedAt !== undefined)) return false;
    const stamp = this.clock.now(this.port.wallMs());
    const state: RecordState = job.how === "delete"
      ? tombstone(current, stamp, birthOf(current))
      : renewed(current, stamp);
    this.#commit(job, new Map([[`${kind}/${id}`, { state, packed: packRecord(state) }]]), {});
    return true;
  }

  #runRelease(job: Extract<Job, { kind: "release" }>): boolean {
    const changes = new Map<string, Change>();
    for (const [kind, id] of job.released) {
      const state = this.table.state(kind, id);
      if (state === undefined || !this.table.isAside(kind, id) || this.#changes.isAhead(state)) continue;
      this.clock.receive(stampRange(state).greatest, this.port.wallMs());
      changes.set(`${kind}/${id}`, { state, packed: this.table.packed(kind, id)! });
    }
    if (changes.size === 0) return false;
    this.#commit(job, changes, {});
    return true;
  }

  /** The disk did not take it: the rows of what is not in the table have to go all the same. */
  #dropAgain(job: Extract<Job, { kind: "drop" }>): void {
    if (!job.isRowsOnly) this.#refusedDrops++;
    this.port.after(DROP_AGAIN_MS, () => this.#order.begin({ ...job, token: this.#nextToken--, isRowsOnly: true }));
  }

  /** Gone from the table at once; from the disk as soon as it takes that. */
  #runDrop(job: Extract<Job, { kind: "drop" }>): boolean {
    const rows: RecordRow[] = [];
    const changed: RecordChange[] = [];
    for (const [kind, id] of job.dropped) {
      if ((this.table.packed(kind, id) === undefined) !== (job.isRowsOnly === true)) continue;
      rows.push({ kind, id, packed: undefined });
      if (job.isRowsOnly || this.table.isAside(kind, id)) rows.push({ kind, id, packed: undefined, isAside: true });
      this.#quarantine.remove(kind, id);
      if (this.table.remove(kind, id)) changed.push({ kind, id, change: "deleted" });
    }
    if (rows.length === 0) {
      if (job.isRowsOnly) this.#refusedDrops--; // All of them are there again.
      return false;
    }
    this.port.dropped(job.dropped);
    if (changed.length > 0) this.port.changed(changed);
    this.#order.lock({ job, locked: job.keys, changes: new Map() });
    this.port.commit(job.token, rows, { horizon: this.port.horizon() });
    return true;
  }

  /** @param also `touched`: unique names that the changes take or set free; `isPushed`: another server has them on its disk */
  #commit(
    job: Job,
    changes: ReadonlyMap<string, Change>,
    { touched = [], lineage, isPushed = false }: {
      touched?: readonly string[];
      lineage?: string;
      isPushed?: boolean;
    },
  ): void {
    this.#order.lock({ job, locked: [...changes.keys(), ...touched], changes });
    const rows = [...changes.values()].flatMap((change) => this.#changes.rowsOf(change));
    if (isPushed) this.port.commitPushed(job.token, rows);
    else this.port.commit(job.token, rows, { lineage });
  }
}
