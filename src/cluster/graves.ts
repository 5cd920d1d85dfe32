import type { RecordKey } from "../reconciliation/mod.ts";

/** Names that are remembered: only those of records that were made in the last moments before their author was cut off for good. */
const GRAVES_MAX = 10_000;

/** What changes on disk. */
export interface GraveChanges {
  readonly dug: readonly RecordKey[];
  readonly levelled: readonly RecordKey[];
}

/**
 * Names of deleted records whose author was no member any more when their tombstone went: should it come back, nothing else tells what
 * the cluster had of it from what it never saw. The oldest make room.
 */
export class Graves {
  readonly #keys = new Map<string, RecordKey>();

  /** @param remembered from disk */
  constructor(remembered: readonly RecordKey[]) {
    for (const key of remembered) this.#keys.set(key.join("/"), key);
  }

  has(key: RecordKey): boolean {
    return this.#keys.has(key.join("/"));
  }

  /** Remembers records that are let go. */
  dig(keys: readonly RecordKey[]): GraveChanges {
    const dug = keys.filter((key) => !this.has(key));
    for (const key of dug) this.#keys.set(key.join("/"), key);
    const levelled: RecordKey[] = [];
    for (const [name, key] of this.#keys) {
      if (this.#keys.size <= GRAVES_MAX) break;
      this.#keys.delete(name);
      levelled.push(key);
    }
    return { dug, levelled };
  }
}
