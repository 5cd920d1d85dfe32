import type { Channel, Destination, NodeId, Opinion } from "../membership/mod.ts";
import type { Reading, RecordKind, Stamp, Write } from "../records/mod.ts";
import type { RememberedMember } from "./absences.ts";
import type { Agreement } from "./agreements.ts";
import type { GraveChanges } from "./graves.ts";
import type { Boot, Unsettled } from "./generation.ts";
import type { LostEdit } from "./deleted_records.ts";
import type { Message } from "./message.ts";
import type { RecordChange, WriteOptions, WriteOutcome } from "./outcome.ts";

/** One row of the records table as it goes to disk. */
export interface RecordRow {
  readonly kind: RecordKind;
  readonly id: string;
  /** Undefined removes the row. */
  readonly packed: Uint8Array | undefined;
  /** The row of what waits for its time, beside the record's own. */
  readonly isAside?: true;
}

/** What is remembered of the horizon; what is left out stays as it was. */
export interface Kept {
  readonly horizon?: Reading;
  /** Null: the data agrees with the cluster's. */
  readonly unsettled?: Unsettled | null;
  /** The reading at which it came to agree: what the cluster deleted before, this server cannot tell. */
  readonly settledAt?: Reading;
  readonly boots?: readonly Boot[];
  readonly agreements?: readonly Agreement[];
  readonly graves?: GraveChanges;
  readonly lost?: readonly LostEdit[];
}

/** What happened outside of the core. */
export type Event =
  | { readonly kind: "started" }
  /** A planned time has come, see {@link Core.nextTimerMs}. */
  | { readonly kind: "timer" }
  /** An authenticated message came in; `replyTo` is the socket address or the stream's peer. */
  | {
    readonly kind: "message";
    readonly from: NodeId;
    readonly message: Message;
    readonly replyTo: Destination;
    readonly channel: Channel;
  }
  /** No stream to this address could be opened, or it was refused; `reason` is for people. */
  | { readonly kind: "unreachable"; readonly to: Destination; readonly reason: string }
  /** A stream that we opened led back to this very process. */
  | { readonly kind: "own_address"; readonly address: string }
  /** A stream to this member ended. */
  | { readonly kind: "disconnected"; readonly id: NodeId }
  | {
    readonly kind: "write";
    readonly token: number;
    readonly writes: readonly Write[];
    readonly options: WriteOptions;
    /** First-run setup: becomes the data set's id together with the writes. */
    readonly newLineage?: string;
  }
  /** The store finished these `commit` effects, together: what follows from them leaves together, too. */
  | { readonly kind: "committed"; readonly tokens: readonly number[] }
  | { readonly kind: "failed"; readonly token: number; readonly reason: string }
  /** The members of the `remember` effect with this number, and of all before it, are on disk. */
  | { readonly kind: "remembered"; readonly number: number }
  /** The server stops, for now or for good: announce it, take no more writes. */
  | { readonly kind: "leaving"; readonly forGood: boolean }
  /** Remove a member everywhere and for ever. */
  | { readonly kind: "forget"; readonly id: NodeId }
  /** This server's disk began, or ceased, to refuse writes. */
  | { readonly kind: "disk"; readonly refuses: boolean }
  /** Ask every live member what it thinks of the others; answers come as `opinions` effects with this number. */
  | { readonly kind: "ask_opinions"; readonly request: number };

/** What the core wants done outside. */
export type Effect =
  | { readonly kind: "send"; readonly to: Destination; readonly channel: Channel; readonly message: Message }
  /** This member is gone: connections to it are of no use any more. */
  | { readonly kind: "disconnect"; readonly id: NodeId }
  /** Commit all of it or nothing, then report the token. `floor` goes to disk with it: no later stamp may be at or below it. */
  | {
    readonly kind: "commit";
    readonly token: number;
    readonly rows: readonly RecordRow[];
    readonly floor: Stamp;
    /** The data set's id; `copying` while its records have yet to come. */
    readonly lineage?: string;
    readonly copying?: true;
    /** Goes to disk with the records that it lets go. */
    readonly horizon?: Reading;
  }
  /**
   * Readers may be shown these rows until the commit `token`, which will hold them, has ended: they are on another server's disk, and
   * soon on ours.
   */
  | { readonly kind: "arrived"; readonly token: number; readonly rows: readonly RecordRow[] }
  /** Remember this on disk; nobody waits for it. */
  | { readonly kind: "keep"; readonly kept: Kept }
  /** The first copy of the data set is whole: remember that; nobody waits for it. */
  | { readonly kind: "copied" }
  /** Remember these members on disk, then report the number; each is greater than all before. */
  | { readonly kind: "remember"; readonly number: number; readonly members: readonly RememberedMember[] }
  | { readonly kind: "written"; readonly token: number; readonly outcome: WriteOutcome }
  | { readonly kind: "changed"; readonly changes: readonly RecordChange[] }
  /** An answer to `ask_opinions`. */
  | {
    readonly kind: "opinions";
    readonly from: NodeId;
    readonly request: number;
    readonly opinions: readonly Opinion[];
  }
  /** This server has no place in the cluster any more and must stop; the reason is for people. */
  | { readonly kind: "expelled"; readonly reason: string }
  /** What `status()` says has changed. */
  | { readonly kind: "status" }
  | {
    readonly kind: "log";
    readonly level: "debug" | "info" | "warn" | "error";
    readonly message: string;
    readonly fields: Readonly<Record<string, unknown>>;
  };

/** The two clocks at an event, in milliseconds. */
export interface Now {
  readonly wallMs: number;
  readonly monotonicMs: number;
}
