import type { RecordKind, Version } from "../records/mod.ts";

/** How a write ended. Everything but `committed` changed nothing. */
export type WriteOutcome =
  /**
   * On this server's disk; `copies` servers hold it, this one included, of `members` in the cluster, live or not. `version`: of the first
   * record, as this write left it.
   */
  | { readonly kind: "committed"; readonly copies: number; readonly members: number; readonly version?: Version }
  /** Another record has this unique name (pending writes included). */
  | { readonly kind: "name_taken"; readonly recordKind: RecordKind; readonly field: string; readonly value: string }
  /** The record to update or delete does not exist. */
  | { readonly kind: "not_found"; readonly id: string }
  /** The record to update is at another version than the one that the write names. */
  | { readonly kind: "changed"; readonly id: string }
  /** The id to create was used before; ids are never used again. */
  | { readonly kind: "id_used"; readonly id: string }
  /** The store could not commit (disk full, …). HTTP 507. */
  | { readonly kind: "storage_failed"; readonly reason: string }
  /** Too many writes pending, the clock is off, the record is past a limit, or the server is stopping. HTTP 503. */
  | { readonly kind: "unavailable"; readonly reason: string };

/** How long a write also waits for other servers. */
export interface WriteOptions {
  /** Wait, `waitMs` at most, until so many servers hold it; falling short is not a failure. */
  readonly copies?: "all" | "majority" | number;
  readonly waitMs?: number;
}

/** A committed change, local or from another server. */
export interface RecordChange {
  readonly kind: RecordKind;
  readonly id: string;
  readonly change: "changed" | "deleted";
}
