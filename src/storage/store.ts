/** Path of a row: a table name and the parts that tell its rows apart, e.g. `["record", "user", id]`. Ordered part by part. */
export type RowKey = readonly string[];

export interface Row {
  readonly key: RowKey;
  readonly value: Uint8Array;
}

/** One change to the store; `value` absent removes the row. */
export interface Mutation {
  readonly key: RowKey;
  readonly value?: Uint8Array;
}

/** How {@link RecordStore.list} goes about rows that cannot be read. */
export interface ListOptions {
  /**
   * Hears of each row whose value is damaged, which is then left out; without it the first one ends the list. What lies in its place
   * is given where it can be had.
   */
  readonly damaged?: (key: RowKey, reason: string, found?: Uint8Array) => void;
}

/** Ordered, durable rows of opaque bytes. One process at a time owns a store. */
export interface RecordStore extends AsyncDisposable {
  /**
   * The row's bytes, or undefined. The caller's to keep.
   *
   * @throws {StoreError} if the store cannot be read, or is closed
   */
  get(key: RowKey): Promise<Uint8Array | undefined>;
  /**
   * Rows whose key begins with `prefix`, the row of that very key included, in key order; all rows for `[]`. Rows that are committed
   * while listing may or may not be seen; each row that is seen is whole.
   *
   * @throws {StoreError} as {@link get}
   */
  list(prefix: RowKey, options?: ListOptions): AsyncIterable<Row>;
  /**
   * Applies all of `mutations` or none, durably, before the promise resolves. Commits resolve in the order of the calls. Calls made
   * while another commit is under way are coalesced into few atomic writes. Of several mutations of one row the last counts. Values
   * may have any size up to 64 MiB for all of a commit; more than 900 mutations are for the caller to split, since no store
   * could apply them in one.
   *
   * @throws {StoreError} if the commit failed, is too large, or too many are waiting; nothing of it was applied
   */
  commit(mutations: readonly Mutation[]): Promise<void>;
  /** Calls `listener` when the store finds out by itself, with nobody writing, that it takes no commits any more; not every store can. */
  onTrouble?(listener: () => void): void;
  /**
   * Reads the whole file and refuses one that is damaged beyond single rows. Blocks the thread: for a start that found damage.
   *
   * @throws {StoreError} naming the first fault and the way out
   */
  refuseFaults?(): void;
}

/** A store that cannot be opened, read or written; the message names the file, the cause and the way out. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}
