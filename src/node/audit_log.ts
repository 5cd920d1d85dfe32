import type { Mutation, RecordStore, RowKey } from "../storage/mod.ts";

const AUDIT: RowKey = ["audit"];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The rows of this server's audit log in its store, beside the records and never replicated. */
export class AuditRows {
  readonly #store: RecordStore;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /** @throws {StoreError} when the disk does not take them; then none is stored */
  async add(rows: ReadonlyArray<{ readonly id: string; readonly text: string }>): Promise<void> {
    await this.#commit(rows.map(({ id, text }) => ({ key: [...AUDIT, id], value: encoder.encode(text) })));
  }

  /** In id order, which is that of time, damaged ones without text. @throws {StoreError} when they cannot be read */
  async *list(): AsyncIterable<{ readonly id: string; readonly text: string }> {
    const damaged: string[] = [];
    const idOf = (key: RowKey) => key[AUDIT.length] ?? "";
    const options = { damaged: (key: RowKey) => void damaged.push(idOf(key)) };
    for await (const { key, value } of this.#store.list(AUDIT, options)) {
      for (const id of damaged.splice(0)) yield { id, text: "" };
      yield { id: idOf(key), text: decoder.decode(value) };
    }
    for (const id of damaged) yield { id, text: "" };
  }

  /** @throws {StoreError} when the disk does not take it */
  async remove(ids: readonly string[]): Promise<void> {
    await this.#commit(ids.map((id) => ({ key: [...AUDIT, id] })));
  }

  async #commit(mutations: readonly Mutation[]): Promise<void> {
    if (mutations.length > 0) await this.#store.commit(mutations);
  }
}
