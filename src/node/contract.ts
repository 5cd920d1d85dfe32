import type { BootId, MemberFacts, MemberState, NodeId } from "../cluster/mod.ts";
import type { RecordKind, RecordView, Value, Write } from "../records/mod.ts";

/** How a write ended. Everything but `committed` changed nothing. */
export type WriteOutcome =
  /** On this server's disk; `copies` servers hold it, this one included, of `members` that were live. */
  | { readonly kind: "committed"; readonly copies: number; readonly members: number }
  /** Another record has this unique name (pending writes included). */
  | { readonly kind: "name_taken"; readonly recordKind: RecordKind; readonly field: string; readonly value: string }
  /** The record to update or delete does not exist, or the id to create was used before. */
  | { readonly kind: "not_found"; readonly id: string }
  | { readonly kind: "id_used"; readonly id: string }
  /** The store could not commit (disk full, …). HTTP 507. */
  | { readonly kind: "storage_failed"; readonly reason: string }
  /** Too many writes pending, the clock is off, or the server is stopping. HTTP 503. */
  | { readonly kind: "unavailable"; readonly reason: string };

export interface WriteOptions {
  /** Also wait, `waitMs` at most, until so many servers hold it; falling short is not a failure. */
  readonly copies?: "all" | "majority" | number;
  readonly waitMs?: number;
}

/** A committed change, local or from another server. */
export interface RecordChange {
  readonly kind: RecordKind;
  readonly id: string;
  readonly change: "changed" | "deleted";
}

/** Where this server stands before it has data. */
export type Readiness =
  /** Has a lineage, serves. */
  | { readonly kind: "ready" }
  /** Empty, waiting for a populated peer; `tried` are the peers asked so far and what came of it. */
  | { readonly kind: "joining"; readonly tried: ReadonlyArray<{ address: string; result: string }> }
  /** Empty among empty servers, or alone: offers the setup page. */
  | { readonly kind: "setup_needed"; readonly tried: ReadonlyArray<{ address: string; result: string }> };

/** One row of the cluster page, as this server sees it. */
export interface MemberStatus {
  readonly id: NodeId;
  readonly self: boolean;
  readonly state: MemberState;
  readonly incarnation: number;
  readonly facts: MemberFacts | undefined;
  /** Wall clock of the last message received from it, milliseconds since the Unix epoch; undefined when never. */
  readonly lastContactMs: number | undefined;
  readonly roundTripMs: number | undefined;
  readonly records: number | undefined;
  /** Its roots equal ours, at its last word; undefined when unknown. */
  readonly inSync: boolean | undefined;
  /** Why records are not exchanged with it ("other data set", "other protocol", …), where so. */
  readonly problem: string | undefined;
}

export interface NodeStatus {
  readonly nodeId: NodeId;
  readonly bootId: BootId;
  /** Cluster mode is on. */
  readonly clustered: boolean;
  readonly lineage: string | undefined;
  readonly readiness: Readiness;
  readonly members: readonly MemberStatus[];
  readonly recordCount: number;
}

/** The replicated data and the cluster, as accounts, templates, API and pages use them. Reads are synchronous and from memory. */
export interface Node {
  /** Existing record; tombstones and unknown ids are undefined. */
  get(kind: RecordKind, id: string): RecordView | undefined;
  /** All existing records of a kind, in id order. */
  list(kind: RecordKind): RecordView[];
  count(kind: RecordKind): number;
  /** The record that owns this unique name, normalised as the kind says (email case-insensitive, …). */
  findByName(kind: RecordKind, field: string, name: string): RecordView | undefined;
  /** True when another record owns one of this record's unique names: it lost a clash made in a partition. */
  inConflict(kind: RecordKind, id: string): boolean;
  /**
   * Commits all of `writes` or none. Stamps are given here, in one go. Reading right after `committed` sees them.
   * Never rejects: every ending is an outcome.
   */
  write(writes: readonly Write[], options?: WriteOptions): Promise<WriteOutcome>;
  /** First-run setup: makes the lineage and commits `writes` in one; `unavailable` when the server is not empty. */
  setUp(writes: readonly Write[]): Promise<WriteOutcome>;
  /** Hears of every committed change, after it is visible. Returns the unsubscriber. Listeners must not throw. */
  onChange(listener: (change: RecordChange) => void): () => void;
  /** Hears, at most 4 times a second, that `status()` is worth reading again. */
  onStatus(listener: () => void): () => void;
  status(): NodeStatus;
}

export type { Value, Write };
