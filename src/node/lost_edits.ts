import type { Clock, Logger } from "../base/mod.ts";
import type { LostEdit } from "../cluster/mod.ts";
import type { RecordStore, Row, RowKey } from "../storage/mod.ts";

const LOST_EDITS: RowKey = ["lost-edit"];
/** Edits that are listed: an operator reads no more, the log has them all. The oldest make room. */
const LOST_EDITS_MAX = 1_000;
/** Digits of the number under which an edit is stored, so that rows sort by it. */
const NUMBER_DIGITS = 12;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An edit that was lost, and when this server noticed, in milliseconds since the Unix epoch. */
export type FoundLostEdit = LostEdit & { readonly foundAtMs: number };

/** The durable list of edits to records that the cluster had deleted. */
export class LostEdits {
  constructor(
    private readonly store: RecordStore,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** Never rejects: the log has them, too. */
  async add(lost: readonly LostEdit[]): Promise<void> {
    try {
      const keys: RowKey[] = [];
      for await (const { key } of this.#rows()) keys.push(key);
      const first = Number(keys.at(-1)?.[1] ?? -1) + 1;
      const foundAtMs = Math.floor(this.clock.wallMs());
      const added = lost.slice(-LOST_EDITS_MAX).map((edit, index) => ({
        key: [...LOST_EDITS, String(first + index).padStart(NUMBER_DIGITS, "0")],
        value: encoder.encode(JSON.stringify({ ...edit, foundAtMs })),
      }));
      const excess = Math.max(0, keys.length + added.length - LOST_EDITS_MAX);
      for (const part of parts([...keys.slice(0, excess).map((key) => ({ key })), ...added])) {
        await this.store.commit(part);
      }
    } catch (error) {
      this.log.warn("Cannot list lost edits", { reason: (error as Error).message });
    }
  }

  /** The oldest first. @throws {StoreError} when they cannot be read */
  async *list(): AsyncIterable<FoundLostEdit> {
    for await (const { value } of this.#rows()) yield JSON.parse(decoder.decode(value));
  }

  /** What is damaged is left out. */
  #rows(): AsyncIterable<Row> {
    return this.store.list(LOST_EDITS, { damaged: () => {} });
  }
}

/** One atomic write of the store holds so many rows. */
const COMMIT_ROWS_MAX = 400;

function* parts<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += COMMIT_ROWS_MAX) yield items.slice(at, at + COMMIT_ROWS_MAX);
}
