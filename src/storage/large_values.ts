import { type Logger, silentLogger } from "../base/mod.ts";
import { INLINE_VALUE_BYTES_MAX } from "./commit_queue.ts";
import {
  checkWhole,
  decodeAnnounced,
  decodeRow,
  type Generation,
  generationKey,
  GENERATIONS,
  newGeneration,
  partKey,
  rowKey,
  splitRow,
} from "./kv_layout.ts";
import { keyText } from "./row_key.ts";
import type { RowKey } from "./store.ts";

/** Parts in one atomic: 10 × 60 KiB stays well below Deno KV's 819,200 bytes. */
const PARTS_PER_ATOMIC = 10;
/** Deno KV reads at most 10 keys at once. */
const PARTS_PER_READ = 10;
/** Removals in one atomic; Deno KV takes 1,000 mutations. */
const REMOVALS_PER_ATOMIC = 500;
/** Generations remembered for removal while removing fails (full disk); more are left for the next opening. */
const GARBAGE_MAX = 10_000;

/**
 * Values that are too large for one row, in parts. The parts of a new value are written first, under a generation of
 * their own that nothing points to; the commit then sets the row that does, so that readers and a crash see the old
 * value or the new one, never a mixture.
 */
export class LargeValues {
  readonly #kv: Deno.Kv;
  readonly #log: Logger;
  /** The generation that each split row points to, by {@link keyText}: to be removed when the row changes. */
  readonly #current = new Map<string, Generation>();
  /** Written, and perhaps pointed to by nothing: {@link removeGarbage} looks. */
  #suspects: Generation[] = [];

  constructor(kv: Deno.Kv, log: Logger = silentLogger) {
    this.#kv = kv;
    this.#log = log;
  }

  /** Reads which large values the file has; {@link removeGarbage} then tells those of commits that never came. */
  async findGenerations(): Promise<void> {
    for await (const { key, value } of this.#kv.list({ prefix: GENERATIONS }, { batchSize: 1000 })) {
      try {
        this.#suspects.push(decodeAnnounced(value));
      } catch (error) { // Its value may be whole all the same: the row that points to it says so when it is read.
        this.#log.warn("Cannot read what announces a large value", { key, reason: (error as Error).message });
      }
    }
  }

  /** Writes the parts of a value that a commit is about to point to; without that commit they are garbage. */
  async write(key: RowKey, value: Uint8Array): Promise<Generation> {
    const parts = Math.max(1, Math.ceil(value.length / INLINE_VALUE_BYTES_MAX));
    const generation = newGeneration(key, value, parts);
    this.#suspect(generation);
    for (let first = 0; first < parts; first += PARTS_PER_ATOMIC) {
      const atomic = this.#kv.atomic();
      if (first === 0) atomic.set(generationKey(generation.id), splitRow(generation));
      for (let index = first; index < Math.min(first + PARTS_PER_ATOMIC, parts); index++) {
        const start = index * INLINE_VALUE_BYTES_MAX;
        atomic.set(partKey(generation.id, index), value.slice(start, start + INLINE_VALUE_BYTES_MAX));
      }
      await atomic.commit();
    }
    return generation;
  }

  /** Tells that the row at `key` was committed and now points to `generation`, or is not split (any more). */
  committed(key: RowKey, generation: Generation | undefined): void {
    if (generation === undefined && this.#current.size === 0) return; // As nearly always.
    const id = keyText(key);
    const old = this.#current.get(id);
    if (old) this.#suspect(old);
    if (generation) this.#current.set(id, generation);
    else this.#current.delete(id);
  }

  /** The whole value; undefined when parts are gone, because the row was changed since it was read. @throws when it is damaged */
  async join(generation: Generation): Promise<Uint8Array | undefined> {
    const value = new Uint8Array(generation.bytes);
    let end = 0;
    for (let first = 0; first < generation.parts; first += PARTS_PER_READ) {
      const count = Math.min(PARTS_PER_READ, generation.parts - first);
      const keys = Array.from({ length: count }, (_, i) => partKey(generation.id, first + i));
      for (const { value: part } of await this.#kv.getMany<Uint8Array[]>(keys)) {
        if (!(part instanceof Uint8Array) || end + part.length > value.length) return undefined;
        value.set(part, end);
        end += part.length;
      }
    }
    if (end !== value.length) return undefined;
    checkWhole(value, generation);
    return value;
  }

  /**
   * Removes what nothing points to, and returns how many values that were. Whether something does is read from the file:
   * after a failed commit nobody knows. What fails stays for the next time.
   */
  async removeGarbage(): Promise<number> {
    let removed = 0;
    while (this.#suspects.length > 0) {
      const generation = this.#suspects[0];
      if (await this.#isUsed(generation)) this.#current.set(keyText(generation.key), generation);
      else {
        await this.#remove(generation);
        removed++;
      }
      this.#suspects.shift();
    }
    return removed;
  }

  #suspect(generation: Generation): void {
    if (this.#suspects.length < GARBAGE_MAX) this.#suspects.push(generation);
    else this.#log.warn("Parts of a large value stay until the next start", { key: generation.key });
  }

  async #isUsed(generation: Generation): Promise<boolean> {
    const { value } = await this.#kv.get(rowKey(generation.key));
    if (value === null) return false;
    try {
      const held = decodeRow(value);
      return !(held instanceof Uint8Array) && held.id === generation.id;
    } catch {
      return true; // A damaged row may point to it: kept until the row is written anew.
    }
  }

  /** The announcing entry goes last: an interrupted removal is taken up at the next opening. */
  async #remove({ id, parts }: Generation): Promise<void> {
    for (let first = 0; first < parts; first += REMOVALS_PER_ATOMIC) {
      const atomic = this.#kv.atomic();
      for (let index = first; index < Math.min(first + REMOVALS_PER_ATOMIC, parts); index++) {
        atomic.delete(partKey(id, index));
      }
      await atomic.commit();
    }
    await this.#kv.delete(generationKey(id));
  }
}
