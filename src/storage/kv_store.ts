import { join, resolve } from "node:path";
import { type Clock, type Logger, rateLimited, silentLogger, systemClock } from "../base/mod.ts";
import { type Batch, CommitQueue, INLINE_VALUE_BYTES_MAX } from "./commit_queue.ts";
import { DATABASE_FILE, hasLog, LOCK_FILE, refuseLostFiles, RESEED_WAY_OUT } from "./database_files.ts";
import {
  damagedBytes,
  decodeRow,
  type Generation,
  inlineRow,
  keyOfRow,
  rowKey,
  rowsFrom,
  splitRow,
} from "./kv_layout.ts";
import { checkDatabaseFile } from "./file_check.ts";
import { FileWatch } from "./file_watch.ts";
import { LargeValues } from "./large_values.ts";
import { holdLockFile, type LockFile } from "./lock_file.ts";
import { checkKey, compareKeys } from "./row_key.ts";
import { openSchema } from "./schema.ts";
import { type ListOptions, type Mutation, type RecordStore, type Row, type RowKey, StoreError } from "./store.ts";
import { isFileFailure, isTorn, storeFailure } from "./store_failure.ts";

/** Rows of one page: as fast as Deno KV's most, 1,000, and of fewer the collector takes hardly any for what stays. */
const PAGE_ROWS = 250;
/** Values that one atomic keeps in their rows; Deno KV takes 819,200 bytes with keys and framing. */
const ATOMIC_VALUE_BYTES_MAX = 600_000;
/** Each try of a read that loses needs a whole new large value to be committed within it: a few are plenty. */
const READ_TRIES_MAX = 20;

/** On a full disk every commit would repeat the same line. */
const SAME_WARNING_MS = 60_000;

/** Where and how to open a {@link openKvStore} store. */
export interface KvStoreOptions {
  /** Folder of the database; made, with mode 700, when missing. */
  readonly dataDir: string;
  /** Nothing is made, migrated, tidied or committed: for a look at what is there. */
  readonly readOnly?: boolean;
  readonly log?: Logger;
  readonly clock?: Clock;
}

/**
 * Opens the store in `dataDir` (Deno KV, that is SQLite with a write-ahead log), and holds the folder until disposed.
 *
 * @throws {StoreError} naming file, cause and way out: held by another process, not a database, torn, from a newer knot,
 * not ours to write
 */
export async function openKvStore(
  { dataDir, readOnly = false, log = silentLogger, clock = systemClock }: KvStoreOptions,
): Promise<RecordStore> {
  const path = resolve(dataDir, DATABASE_FILE);
  let lock: LockFile | undefined;
  let kv: Deno.Kv | undefined;
  try {
    if (readOnly) await Deno.stat(dataDir); // Else a mistyped name would make a folder.
    else await Deno.mkdir(dataDir, { recursive: true, mode: 0o700 });
    lock = await holdLockFile({ path: join(dataDir, LOCK_FILE), dataDir, clock });
    const hadData = await refuseLostFiles({ path, lock });
    if (readOnly) await Deno.stat(path); // Else SQLite would make it.
    if (hadData) await lock.note("closed"); // Where opening fails, SQLite may still take the log in and remove it.
    if (!readOnly) await makePrivate(path);
    kv = await Deno.openKv(path);
    await openSchema({ kv, path, hadData, readOnly });
    if (await hasLog(path)) await lock.note("open");
    const calm = rateLimited(log, { perKeyMs: SAME_WARNING_MS, clock, keysMax: 10 });
    const large = new LargeValues(kv, calm);
    if (!readOnly) {
      await large.findGenerations();
      await removeGarbage({ large, path, log: calm });
    }
    const files = readOnly ? undefined : await FileWatch.of([path, `${path}-wal`], { clock, log });
    return new KvStore({ kv, path, lock, large, files, log: calm });
  } catch (cause) {
    kv?.close();
    lock?.[Symbol.dispose]();
    throw storeFailure({ action: "open", path, cause });
  }
}

/** Makes the file before SQLite does, so that nobody else can read it; `-wal` and `-shm` take over its mode. */
async function makePrivate(path: string): Promise<void> {
  const file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
  file.close();
}

/** Failing is no failure of the store: on a full disk it still has to open and to serve reads. */
async function removeGarbage({ large, path, log }: { large: LargeValues; path: string; log: Logger }): Promise<void> {
  try {
    const removed = await large.removeGarbage();
    if (removed === 0) return;
    log.debug("Removed old parts of large values", { path, removed });
  } catch (cause) {
    log.warn("Old parts of large values stay for now", { path, cause });
  }
}

class KvStore implements RecordStore {
  readonly #kv: Deno.Kv;
  readonly #path: string;
  readonly #lock: LockFile;
  readonly #large: LargeValues;
  readonly #queue: CommitQueue;
  /** Undefined for a store that is only read. */
  readonly #files: FileWatch | undefined;
  /** What was found wrong with the file; undefined while it takes what it is given. */
  #torn: unknown;
  #closing: Promise<void> | undefined;

  constructor({ kv, path, lock, large, files, log }: {
    kv: Deno.Kv;
    path: string;
    lock: LockFile;
    large: LargeValues;
    files: FileWatch | undefined;
    log: Logger;
  }) {
    this.#files = files;
    this.#kv = kv;
    this.#path = path;
    this.#lock = lock;
    this.#large = large;
    this.#queue = new CommitQueue({
      write: (batch) => this.#write(batch),
      tidy: () => removeGarbage({ large, path, log }),
    });
  }

  async get(key: RowKey): Promise<Uint8Array | undefined> {
    checkKey(key);
    try {
      return await this.#read(key);
    } catch (cause) {
      throw this.#failure(isFileFailure(cause) ? "read" : `read row "${key.join("/")}" of`, cause);
    }
  }

  async *list(prefix: RowKey, { damaged }: ListOptions = {}): AsyncGenerator<Row> {
    try {
      for await (const page of this.#pages(prefix)) {
        for (const entry of page) {
          const key = keyOfRow(entry.key);
          const value = this.#valueOf(entry, key, damaged);
          const whole = value instanceof Promise ? await value : value; // Waiting for what is there costs as much as reading it.
          if (whole) yield { key, value: whole };
        }
      }
    } catch (cause) {
      throw this.#failure("read", cause);
    }
  }

  /** While one page is used the next one is read: the runtime does that in another thread. */
  async *#pages(prefix: RowKey): AsyncGenerator<Deno.KvEntry<unknown>[]> {
    let next = this.#page(prefix);
    for (;;) {
      const { entries, cursor } = await next;
      if (cursor !== undefined) {
        next = this.#page(prefix, cursor);
        next.catch(() => {}); // Thrown when it is wanted, which it may never be.
      }
      yield entries;
      if (cursor === undefined) return;
    }
  }

  /** The rows from `cursor` on, and where the next page begins unless this is the last one. */
  async #page(prefix: RowKey, cursor?: string): Promise<{ entries: Deno.KvEntry<unknown>[]; cursor?: string }> {
    const rows = this.#kv.list(rowsFrom(prefix), { cursor, limit: PAGE_ROWS, batchSize: PAGE_ROWS });
    const entries = await Array.fromAsync(rows);
    return entries.length < PAGE_ROWS ? { entries } : { entries, cursor: rows.cursor };
  }

  /** Undefined for a row that is gone, or that `damaged` was told of. */
  #valueOf(
    { value }: Deno.KvEntry<unknown>,
    key: RowKey,
    damaged: ListOptions["damaged"],
  ): Uint8Array | Promise<Uint8Array | undefined> | undefined {
    try {
      const held = decodeRow(value);
      return held instanceof Uint8Array ? held : this.#joined(held, key, damaged);
    } catch (cause) {
      if (damaged === undefined) throw cause;
      damaged(key, (cause as Error).message, damagedBytes(value));
    }
  }

  async #joined(
    generation: Generation,
    key: RowKey,
    damaged: ListOptions["damaged"],
  ): Promise<Uint8Array | undefined> {
    try {
      // A split value may have been replaced since this row was fetched: then the row as it is now counts.
      return await this.#large.join(generation) ?? await this.#read(key);
    } catch (cause) {
      if (damaged === undefined || isFileFailure(cause)) throw cause;
      damaged(key, (cause as Error).message);
    }
  }

  async commit(mutations: readonly Mutation[]): Promise<void> {
    if (this.#closing) throw this.#failure("write to", new Error("the store is closed"));
    if (this.#files === undefined) throw this.#failure("write to", new Error("it was opened to be read"));
    if (this.#files.problem !== undefined) throw this.#failure("write to", new Error(this.#files.problem));
    if (this.#torn !== undefined) throw this.#failure("write to", this.#torn);
    await this.#queue.push(mutations);
  }

  refuseFaults(): void {
    const [fault] = checkDatabaseFile(this.#path);
    if (fault === undefined) return;
    throw new StoreError(`Cannot open "${this.#path}": the file itself is damaged (${fault}). ${RESEED_WAY_OUT}`);
  }

  onTrouble(listener: () => void): void {
    this.#files?.onProblem(listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #read(key: RowKey): Promise<Uint8Array | undefined> {
    let versionSeen: string | undefined;
    for (let tries = 0; tries < READ_TRIES_MAX; tries++) {
      const { value, versionstamp } = await this.#kv.get(rowKey(key));
      if (value === null) return undefined;
      const held = decodeRow(value);
      if (held instanceof Uint8Array) return held;
      const joined = await this.#large.join(held);
      if (joined) return joined;
      if (versionstamp === versionSeen) throw new Error("parts of a large value are missing");
      versionSeen = versionstamp ?? undefined;
    }
    throw new Error("a large value is replaced faster than it can be read");
  }

  async #write(batch: Batch): Promise<void> {
    try {
      const split = new Map<string, Generation>();
      for (const id of idsToSplit(batch)) {
        const { key, value } = batch.get(id)!;
        split.set(id, await this.#large.write(key, value!));
      }
      const atomic = this.#kv.atomic();
      for (const [id, { key, value }] of inKeyOrder(batch)) {
        const generation = split.get(id);
        if (value === undefined) atomic.delete(rowKey(key));
        else atomic.set(rowKey(key), generation ? splitRow(generation) : inlineRow(value));
      }
      await atomic.commit();
      for (const [id, { key }] of batch) this.#large.committed(key, split.get(id));
    } catch (cause) {
      if (isTorn(cause)) this.#torn = cause; // Small commits may still get through: those are no comfort.
      throw this.#failure("write to", cause);
    }
  }

  async #close(): Promise<void> {
    await this.#queue.idle();
    this.#files?.[Symbol.dispose]();
    await this.#lock.note("closed"); // Before: closing takes the log into the database and removes it.
    this.#kv.close();
    this.#lock[Symbol.dispose]();
  }

  #failure(action: string, cause: unknown): StoreError {
    return storeFailure({ action, path: this.#path, cause });
  }
}

/** Neighbours in the file are written together: a tenth faster where keys come in random order. */
function inKeyOrder(batch: Batch): Array<[string, Mutation]> {
  return [...batch].sort(([_, a], [__, b]) => compareKeys(a.key, b.key));
}

/** Values over the limit of a row, and then, largest first, so many that the others fit into one atomic. */
function idsToSplit(batch: Batch): string[] {
  const bySize = [...batch].map(([id, { value }]) => ({ id, bytes: value?.length ?? 0 }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
  let inline = bySize.reduce((sum, { bytes }) => sum + bytes, 0);
  const ids: string[] = [];
  for (const { id, bytes } of bySize) {
    if (bytes <= INLINE_VALUE_BYTES_MAX && inline <= ATOMIC_VALUE_BYTES_MAX) break;
    ids.push(id);
    inline -= bytes;
  }
  return ids;
}
