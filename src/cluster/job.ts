import type { RecordKey } from "../reconciliation/mod.ts";
import type { RecordState, Write } from "../records/mod.ts";
import type { IncomingDelivery } from "./incoming.ts";

interface Ordered {
  /** Of the commit. Tokens of the caller's writes are positive, all others negative. */
  readonly token: number;
  /** The records that it touches, as `kind/id`, and the unique names that it may claim. */
  readonly keys: readonly string[];
}

/** What waits for its turn at the records that it touches, and becomes one commit. */
export type Job =
  & Ordered
  & (
    | { readonly kind: "write"; readonly writes: readonly Write[]; readonly lineage: string | undefined }
    | { readonly kind: "incoming"; readonly delivery: IncomingDelivery; readonly copies: readonly Copy[] }
    /** Writes a record, or its deletion, once more under a stamp of ours. */
    | { readonly kind: "rewrite"; readonly key: RecordKey; readonly how: "renew" | "delete" }
    /** Their time has come: they are shown. */
    | { readonly kind: "release"; readonly released: readonly RecordKey[] }
    /** Lets records go as if they had never been. */
    | {
      readonly kind: "drop";
      readonly dropped: readonly RecordKey[];

      readonly isRowsOnly?: true;
    }
  );

/** A record as another server sent it. */
export interface Copy {
  readonly state: RecordState;
  readonly packed: Uint8Array;
}

/** One record as a commit leaves it. */
export interface Change {
  readonly state: RecordState;
  readonly packed: Uint8Array;
  /** Given when it waits for its time: what is shown meanwhile. */
  readonly aside?: { readonly shown: RecordState | undefined };
}
