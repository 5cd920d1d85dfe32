import type { RecordKind, Version } from "../records/mod.ts";

/** (kind, id, version) of one record. */
export type ListEntry = readonly [kind: RecordKind, id: string, version: Version];

/** How two servers find out what differs, and mend it. */
export type ReconciliationMessage =
  /** One bounded part of everything the sender holds, in key order; the receiver answers with `records` and `want`. */
  | { kind: "list"; lineage: string; session: number; part: number; last: boolean; entries: ListEntry[] }
  | { kind: "want"; lineage: string; session: number; keys: Array<readonly [RecordKind, string]> }
  | { kind: "records"; lineage: string; session: number; records: Uint8Array[] };
