import type { RecordKey } from "../reconciliation/mod.ts";
import type { Reading, RecordState } from "../records/mod.ts";
import type { Verdict } from "./deleted_records.ts";
import type { RecordRow } from "./effect.ts";
import type { Incoming } from "./incoming.ts";
import type { RecordChange, WriteOutcome } from "./outcome.ts";

/** What the replica needs of the machine around it. */
export interface ReplicaPort {
  wallMs(): number;
  after(delayMs: number, callback: () => void): void;
  commit(token: number, rows: RecordRow[], also: { lineage?: string; horizon?: Reading }): void;
  /** The same for what was pushed: another server has it on its disk. */
  commitPushed(token: number, rows: RecordRow[]): void;
  /** A local write is on disk. */
  written(token: number, keys: readonly RecordKey[]): void;
  /** A local write changed nothing, or was refused. */
  answered(token: number, outcome: WriteOutcome): void;
  /** Records of another server are on disk, or were known already; `news` are those that were not. */
  stored(incoming: Incoming, keys: { readonly all: readonly RecordKey[]; readonly news: readonly RecordKey[] }): void;
  /** What was written anew here is on disk. */
  rewritten(keys: readonly RecordKey[], token: number): void;
  /** Whether a record that `from` sent is taken, when ours is `current`. */
  judge(current: RecordState | undefined, incoming: RecordState, from: string): Verdict;
  /** Goes to disk with what is let go. */
  horizon(): Reading;
  /** Records of another server were not taken: they were deleted. */
  refused(from: string, states: readonly RecordState[]): void;
  /** This is in the table from now on. */
  tracked(state: RecordState): void;
  /** These are not in the table any more. */
  dropped(keys: readonly RecordKey[]): void;
  changed(changes: RecordChange[]): void;
  log(level: "debug" | "warn", message: string, fields: Record<string, unknown>): void;
}
