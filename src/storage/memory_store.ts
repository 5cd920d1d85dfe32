import { type Batch, checkedBatch } from "./commit_queue.ts";
import { beginsWith, checkKey, compareKeys, keyText } from "./row_key.ts";
import { type Mutation, type RecordStore, type Row, type RowKey, StoreError } from "./store.ts";

/** Rows in memory, with the limits and the order of the durable store. For tests and the simulator. */
export interface MemoryStore extends RecordStore {
  /** All rows as committed so far, also after disposal: a "restart" is `memoryStore(before.rows())`. */
  rows(): Row[];
}

/** A store in memory that begins with the rows of `initial`. */
export function memoryStore(initial: Iterable<Row> = []): MemoryStore {
  const rows = new Map<string, Row>();
  for (const { key, value } of initial) rows.set(keyText(key), { key: [...key], value: value.slice() });
  let sorted: Row[] | undefined;
  let closed = false;

  function inOrder(): Row[] {
    return sorted ??= [...rows.values()].sort((a, b) => compareKeys(a.key, b.key));
  }
  function apply(batch: Batch): void {
    for (const [id, { key, value }] of batch) {
      if (value === undefined) rows.delete(id);
      else rows.set(id, { key, value });
    }
    if (batch.size > 0) sorted = undefined;
  }
  function checkOpen(): void {
    if (closed) throw new StoreError("Cannot use memory store: it is closed");
  }
  return {
    // deno-lint-ignore require-await -- async, so that every failure is a rejection, as with the durable store
    async get(key: RowKey) {
      checkOpen();
      checkKey(key);
      return rows.get(keyText(key))?.value.slice();
    },
    async *list(prefix: RowKey) {
      checkOpen();
      for (const { key, value } of inOrder()) {
        if (beginsWith(key, prefix)) yield { key, value: value.slice() };
      }
    },
    // deno-lint-ignore require-await -- as above
    async commit(mutations: readonly Mutation[]) {
      checkOpen();
      apply(checkedBatch(mutations).batch);
    },
    rows: () => inOrder().map(({ key, value }) => ({ key, value: value.slice() })),
    [Symbol.asyncDispose]() {
      closed = true;
      return Promise.resolve();
    },
  };
}
