import type { Clock } from "../../src/base/mod.ts";
import type {
  Node,
  NodeStatus,
  Readiness,
  RecordChange,
  Write,
  WriteOptions,
  WriteOutcome,
} from "../../src/node/mod.ts";
import {
  applyWrite,
  HybridClock,
  mergeRecords,
  NameIndex,
  type RecordState,
  recordVersion,
  type RecordView,
  uniqueNames,
  viewRecord,
} from "../../src/records/mod.ts";

/** A node without disk and network, over the shipped records: for tests of the rooms above. */
export class MemoryNode implements Node {
  readonly states = new Map<string, RecordState>();
  readonly written: Array<{ readonly writes: readonly Write[]; readonly options?: WriteOptions }> = [];
  /** The next writes end so, one each, and change nothing. */
  readonly failures: Array<Exclude<WriteOutcome, { kind: "committed" }>> = [];
  /** What writes say of their copies. */
  copies = { copies: 1, members: 1 };
  readonly #clock: Clock;
  readonly #stamps: HybridClock;
  readonly #ids: string[] = [];
  readonly #names = new NameIndex("names", (number) => this.states.get(this.#ids[number]));
  readonly #changeListeners = new Set<(change: RecordChange) => void>();
  readonly #statusListeners = new Set<() => void>();
  #status: NodeStatus;

  constructor(clock: Clock, { nodeId = "01920000-0000-7000-8000-000000000001", ready = true } = {}) {
    this.#clock = clock;
    this.#stamps = new HybridClock(nodeId);
    this.#status = {
      nodeId,
      bootId: "00000000000000aa",
      clustered: false,
      lineage: ready ? "lineage" : undefined,
      readiness: ready ? { kind: "ready" } : { kind: "setup_needed", tried: [] },
      members: [],
      recordCount: 0,
      store: { kind: "writable" },
      damagedRows: 0,
      quarantinedCount: 0,
    };
  }

  get(kind: string, id: string): RecordView | undefined {
    const state = this.states.get(`${kind}\0${id}`);
    return state && state.deletedAt === undefined ? viewRecord(state, recordVersion(state)) : undefined;
  }

  list(kind: string): RecordView[] {
    return [...this.states.values()].filter((state) => state.kind === kind).map((state) => state.id).sort()
      .map((id) => this.get(kind, id)).filter((view) => view !== undefined);
  }

  count(kind: string): number {
    return this.list(kind).length;
  }

  findByName(kind: string, field: string, name: string): RecordView | undefined {
    const id = this.#names.winner(kind, field, name);
    return id === undefined ? undefined : this.get(kind, id);
  }

  inConflict(kind: string, id: string): boolean {
    return this.#names.loses(this.#numberOf(`${kind}\0${id}`));
  }

  async write(writes: readonly Write[], options?: WriteOptions): Promise<WriteOutcome> {
    await Promise.resolve();
    const failure = this.failures.shift();
    if (failure) return failure;
    if (this.#status.readiness.kind !== "ready") return { kind: "unavailable", reason: "The server has no data yet" };
    const stamp = this.#stamps.now(this.#clock.wallMs());
    const after: RecordState[] = [];
    for (const write of writes) {
      const result = applyWrite(this.states.get(`${write.kind}\0${write.id}`), write, stamp);
      if (result.kind === "refused") return { kind: "unavailable", reason: result.reason };
      if (result.kind !== "applied") return { kind: result.kind, id: write.id };
      const isStale = write.op === "update" && write.version !== undefined &&
        write.version !== this.get(write.kind, write.id)?.version;
      if (isStale) return { kind: "changed", id: write.id };
      const taken = uniqueNames(result.state).find(({ field, name }) => {
        const owner = this.#names.winner(write.kind, field, name);
        return owner !== undefined && owner !== write.id && !this.inConflict(write.kind, write.id);
      });
      if (taken) return { kind: "name_taken", recordKind: write.kind, field: taken.field, value: taken.name };
      if (result.changed) after.push(result.state);
    }
    this.written.push({ writes, options });
    this.accept(after);
    const [first] = writes;
    const left = first && this.states.get(`${first.kind}\0${first.id}`);
    return { kind: "committed", ...this.copies, version: left && recordVersion(left) };
  }

  async setUp(writes: readonly Write[]): Promise<WriteOutcome> {
    if (this.#status.readiness.kind === "ready") return { kind: "unavailable", reason: "The server has data" };
    this.setReadiness({ kind: "ready" });
    return await this.write(writes);
  }

  onChange(listener: (change: RecordChange) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  onStatus(listener: () => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  /** A server on its own: nobody else has one. */
  opinions(): Promise<ReadonlyMap<string, never[]>> {
    return Promise.resolve(new Map());
  }

  status(): NodeStatus {
    return { ...this.#status, recordCount: this.states.size };
  }

  setReadiness(readiness: Readiness): void {
    this.setStatus({ readiness });
  }

  setStatus(part: Partial<NodeStatus>): void {
    this.#status = { ...this.#status, ...part };
    for (const listener of this.#statusListeners) listener();
  }

  /** Takes records over as from another server. */
  accept(states: Iterable<RecordState>): void {
    for (const state of states) {
      const key = `${state.kind}\0${state.id}`;
      const before = this.states.get(key);
      const merged = before ? mergeRecords(before, state) : state;
      this.states.set(key, merged);
      this.#names.update(this.#numberOf(key), () => before, merged);
      const change = merged.deletedAt === undefined ? "changed" : "deleted";
      for (const listener of this.#changeListeners) listener({ kind: state.kind, id: state.id, change });
    }
  }

  /** By which the index of names knows a record. */
  #numberOf(key: string): number {
    const number = this.#ids.indexOf(key);
    return number < 0 ? this.#ids.push(key) - 1 : number;
  }

  get listeners(): number {
    return this.#changeListeners.size + this.#statusListeners.size;
  }
}
