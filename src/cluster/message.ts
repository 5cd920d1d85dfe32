import type { PushMessage } from "../dissemination/mod.ts";
import type { BootId, MembershipMessage, NodeId, Opinion } from "../membership/mod.ts";
import type { ReconciliationMessage, RecordKey } from "../reconciliation/mod.ts";
import type { Reading } from "../records/mod.ts";

/** Answers records that were deleted so long ago that nobody keeps their tombstones: at or below the sender's horizon. */
export interface GoneMessage {
  kind: "gone";
  lineage: string;
  horizon: Reading;
  /** Those of which the sender knows that the cluster had them. */
  known: RecordKey[];
  /** Those that never reached anybody but the receiver, as far as the sender remembers: they are refused only for their old stamps. */
  unknown: RecordKey[];
  /** Those of which the sender cannot tell: they were made before it agreed with the cluster for the first time. */
  untold: RecordKey[];
}

/** What the sender remembers of the receiver, at their last agreement: its process, and the reading it had on disk. */
export interface RecallMessage {
  kind: "recall";
  lineage: string;
  bootId: BootId;
  floor: Reading;
}

/** Answers word of deleted records: the sender holds some of them, and has all that the cluster has up to that horizon itself. */
export interface DisputeMessage {
  kind: "dispute";
  lineage: string;
}

/** Who sees whom; `request` is the asker's number for its question. */
export type SurveyMessage =
  /** Asks what the receiver thinks of each member, or to ask `target` on the sender's behalf. */
  | { kind: "opinions_req"; request: number; target?: NodeId }
  /** What the sender thinks of each member, or what `of` told the sender. */
  | { kind: "opinions"; request: number; of?: NodeId; opinions: readonly Opinion[] };

/** All that servers say to each other. Everything travels sealed. */
export type Message =
  | MembershipMessage
  | PushMessage
  | ReconciliationMessage
  | GoneMessage
  | RecallMessage
  | DisputeMessage
  | SurveyMessage;

/** A message and its sender. */
export interface Envelope {
  readonly from: NodeId;
  readonly message: Message;
}
