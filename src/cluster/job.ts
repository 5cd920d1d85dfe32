import type { Channel } from "../membership/mod.ts";
import type { RecordKey, Stored } from "../reconciliation/mod.ts";
import type { RecordState, Write } from "../records/mod.ts";

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

/** One message of records on its way to disk, in several commits where it is large. */
export interface Delivery {
  readonly incoming: Incoming;
  readonly all: readonly RecordKey[];
  readonly news: RecordKey[];
  /** Those of which we hold more than was sent. */
  readonly better: RecordKey[];
  commitsLeft: number;
  /** Something was refused, does not fit, or is not on disk: the sender may not count on us. */
  failed: boolean;
  /** Something could not be written to disk. */
  lost: boolean;
}

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
    | { readonly kind: "incoming"; readonly delivery: Delivery; readonly copies: readonly Copy[] }
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
