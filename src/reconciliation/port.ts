import type { CancelTimer, Random } from "../base/mod.ts";
import type { RecordKind } from "../records/mod.ts";
import type { FingerprintIndex } from "./fingerprint_index.ts";
import type { ReconciliationMessage, RecordKey } from "./message.ts";

/** How storing the records of one message ended. */
export interface Stored {
  /** False when a part of them is not on disk. */
  readonly whole: boolean;
  /** Those of which more is known here than was received. */
  readonly better: readonly RecordKey[];
}

/** What reconciliation needs of the records and the machine around it. */
export interface ReconciliationPort {
  readonly nodeId: string;
  readonly random: Random;
  nowMs(): number;
  after(delayMs: number, callback: () => void): CancelTimer;
  /** What is too large for a packet takes the stream. */
  send(to: string, channel: "packet" | "stream", message: ReconciliationMessage): void;
  /** False when datagrams to `id` are known to be lost. */
  takesPackets(id: string): boolean;
  /** Milliseconds after which an answer from `id` is overdue. */
  timeoutMs(id: string): number;
  lineage(): string | undefined;
  index(): FingerprintIndex;
  /** `partner` has said goodbye. One that is only held for dead may be talking with us at this moment. */
  hasLeft(partner: string): boolean;
  /** What `partner` last said of its records, if anything. */
  roots(partner: string): ReadonlyArray<readonly [RecordKind, string]> | undefined;
  packed(kind: RecordKind, id: string): Uint8Array | undefined;
  /** Milliseconds of a record's greatest stamp. */
  stampMs(kind: RecordKind, id: string): number | undefined;
  /** Records came in: merges and commits them, and then calls `done`. */
  received(from: string, records: readonly Uint8Array[], done: (stored: Stored) => void): void;
  /** Who else may have what `partner` has, and can be asked for a part of it. */
  helpers(partner: string): string[];
  /** All that `partner` had has been asked for and stored. */
  finished(partner: string): void;
  log(level: "debug" | "info" | "warn", message: string, fields: Record<string, unknown>): void;
}

/** Name of a data set in messages: the end of its id, which is random. */
export function tagOf(lineage: string): string {
  return lineage.slice(-TAG_CHARACTERS);
}

/** Enough to tell stray messages of another data set; that a partner has ours, its facts say. */
const TAG_CHARACTERS = 4;
