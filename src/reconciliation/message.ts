import type { RecordKind, Version } from "../records/mod.ts";

/** (kind, id) of one record. Ordered by kind, then id, both as text. */
export type ListKey = readonly [kind: RecordKind, id: string];

/** (kind, id, version) of one record. */
export type ListEntry = readonly [kind: RecordKind, id: string, version: Version];

/** How two servers find out what differs, and mend it. */
export type ReconciliationMessage =
  /** All that the sender holds after `after` (null: from the start) up to and with `upTo` (null: to the end), in key order. */
  | {
    kind: "list";
    lineage: string;
    session: number;
    after: ListKey | null;
    upTo: ListKey | null;
    entries: ListEntry[];
  }
  /** Ends the answer to one `list`: what the sender lacks in the range that it has worked off, up to `upTo`. */
  | { kind: "want"; lineage: string; session: number; upTo: ListKey | null; keys: ListKey[] }
  | { kind: "records"; lineage: string; records: Uint8Array[] };
