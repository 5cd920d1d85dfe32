import { checkKey, keyBytes, keyText } from "./row_key.ts";
import { type Mutation, StoreError } from "./store.ts";

/** Most mutations of one commit: Deno KV takes 1,000 in an atomic. Callers with more make several commits. */
export const COMMIT_MUTATIONS_MAX = 900;
/** Most encoded key bytes of one commit: Deno KV takes 81,920 in an atomic. */
export const COMMIT_KEY_BYTES_MAX = 72_000;
/** Most value bytes of one commit: six values of 10 MiB, the largest a field may have. */
export const COMMIT_VALUE_BYTES_MAX = 64 * 1024 * 1024;

/** Largest value kept in its own row: Deno KV takes 65,536 bytes, of which the serializer uses some. */
export const INLINE_VALUE_BYTES_MAX = 60 * 1024;

/** Calls merged into one atomic: 500 mutations hold the event loop for 6 to 22 ms, more would be felt by probes. */
const BATCH_MUTATIONS_MAX = 500;
const BATCH_KEY_BYTES_MAX = 60_000;
const BATCH_VALUE_BYTES_MAX = 512 * 1024;

/** Waiting calls: a second or more of work for a slow disk; whoever comes later is better told than kept. */
export const QUEUE_CALLS_MAX = 10_000;
/** Bytes that waiting calls may hold in memory. */
export const QUEUE_VALUE_BYTES_MAX = 64 * 1024 * 1024;

/** Mutations by {@link keyText}: of several to one row only the last counts. */
export type Batch = Map<string, Mutation>;

interface Call {
  readonly batch: Batch;
  readonly keyBytes: number;
  readonly valueBytes: number;
  resolve(): void;
  reject(cause: unknown): void;
}

/** What the queue drives: the store behind it. */
export interface BatchWriter {
  /** Applies all of `batch` or none. */
  write(batch: Batch): Promise<void>;
  /** Runs after the calls of a write were answered: work that nobody has to wait for. Must not throw. */
  tidy(): Promise<void>;
}

/**
 * Merges commits that arrive while another is being written: one write to disk costs the same for one call as for a
 * hundred. Calls are answered in their order, each whole. When a merged write fails, its calls are tried one by one, so
 * that one that cannot be written does not fail its neighbours.
 */
export class CommitQueue {
  readonly #writer: BatchWriter;
  #waiting: Call[] = [];
  #waitingBytes = 0;
  #draining: Promise<void> | undefined;

  constructor(writer: BatchWriter) {
    this.#writer = writer;
  }

  /**
   * Queues one commit; keys and values are copied, so the caller may reuse its buffers.
   *
   * @throws {StoreError} (as rejection) if the commit is too large, the queue is full, or writing failed
   */
  push(mutations: readonly Mutation[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = { ...checkedBatch(mutations), resolve, reject };
      const full = this.#waiting.length >= QUEUE_CALLS_MAX ||
        (this.#waiting.length > 0 && this.#waitingBytes + call.valueBytes > QUEUE_VALUE_BYTES_MAX);
      if (full) {
        throw new StoreError(
          `Cannot queue commit: ${this.#waiting.length} commits are already waiting for the disk; try again shortly`,
        );
      }
      this.#waiting.push(call);
      this.#waitingBytes += call.valueBytes;
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when everything queued so far was answered and tidied. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // Calls made in the same turn go together.
    while (this.#waiting.length > 0) {
      await this.#writeCalls(this.#takeCalls());
      await this.#writer.tidy();
    }
    this.#draining = undefined;
  }

  /** The first waiting call, and as many after it as fit with it into one atomic. */
  #takeCalls(): Call[] {
    let mutations = 0, keys = 0, values = 0, count = 0;
    for (const call of this.#waiting) {
      mutations += call.batch.size;
      keys += call.keyBytes;
      values += call.valueBytes;
      const fits = mutations <= BATCH_MUTATIONS_MAX && keys <= BATCH_KEY_BYTES_MAX && values <= BATCH_VALUE_BYTES_MAX;
      if (count > 0 && !fits) break;
      count++;
      this.#waitingBytes -= call.valueBytes;
    }
    return this.#waiting.splice(0, count);
  }

  async #writeCalls(calls: readonly Call[]): Promise<void> {
    try {
      await this.#write(merged(calls));
      for (const call of calls) call.resolve();
    } catch (cause) {
      if (calls.length === 1) calls[0].reject(cause);
      else for (const call of calls) await this.#writeCalls([call]);
    }
  }

  async #write(batch: Batch): Promise<void> {
    if (batch.size > 0) await this.#writer.write(batch);
  }
}

function merged(calls: readonly Call[]): Batch {
  if (calls.length === 1) return calls[0].batch;
  const batch: Batch = new Map();
  for (const call of calls) {
    for (const [id, mutation] of call.batch) batch.set(id, mutation);
  }
  return batch;
}

/**
 * Copies one commit and checks it against the limits, which are the same for every store.
 *
 * @throws {StoreError} naming the limit that it passes
 */
export function checkedBatch(mutations: readonly Mutation[]): { batch: Batch; keyBytes: number; valueBytes: number } {
  if (mutations.length > COMMIT_MUTATIONS_MAX) {
    throw tooLarge(`${mutations.length} mutations, at most ${COMMIT_MUTATIONS_MAX}`);
  }
  const batch: Batch = new Map();
  let keys = 0, values = 0;
  for (const { key, value } of mutations) {
    checkKey(key);
    keys += keyBytes(key);
    values += value?.length ?? 0;
    if (keys > COMMIT_KEY_BYTES_MAX) throw tooLarge(`more than ${COMMIT_KEY_BYTES_MAX} bytes of keys`);
    if (values > COMMIT_VALUE_BYTES_MAX) throw tooLarge(`more than ${COMMIT_VALUE_BYTES_MAX} bytes of values`);
    batch.set(keyText(key), value === undefined ? { key: [...key] } : { key: [...key], value: value.slice() });
  }
  return { batch, keyBytes: keys, valueBytes: values };
}

function tooLarge(what: string): StoreError {
  return new StoreError(`Cannot commit: ${what} fit into one commit; split it into several`);
}
