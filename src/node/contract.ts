import type {
  BootId,
  MemberStatus,
  NodeId,
  Opinion,
  Readiness,
  RecordChange,
  WriteOptions,
  WriteOutcome,
} from "../cluster/mod.ts";
import type { RecordKind, RecordView, Write } from "../records/mod.ts";
import type { StoreState } from "./store_watch.ts";

/** This server and the cluster as it sees it. */
export interface NodeStatus {
  readonly nodeId: NodeId;
  readonly bootId: BootId;
  /** Cluster mode is on. */
  readonly clustered: boolean;
  /** Id of the data set; undefined while the server is empty. */
  readonly lineage: string | undefined;
  readonly readiness: Readiness;
  /** In order of address, then id. */
  readonly members: readonly MemberStatus[];
  /** Records and tombstones held. */
  readonly recordCount: number;
  /** Whether this server's disk takes writes. */
  readonly store: StoreState;
  /** Rows of the database that could not be read at the start of this process. */
  readonly damagedRows: number;
  /** Records of which a version waits for its time, since another server's clock was ahead. */
  readonly quarantinedCount: number;
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
  /** What each live member thinks of the others, by its id; whoever does not answer in time is missing. Ours is included. */
  opinions(): Promise<ReadonlyMap<NodeId, readonly Opinion[]>>;
}

export type { MemberStatus, Readiness, RecordChange, TriedPeer, WriteOptions, WriteOutcome } from "../cluster/mod.ts";
export type { StoreState } from "./store_watch.ts";
export type { Value, Write } from "../records/mod.ts";
