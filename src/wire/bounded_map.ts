/** A map of at most `entriesMax` entries; past that, the least recently used one goes. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #entriesMax: number;
  /** From so many entries on their order is kept: moving an entry with each use would cost more than all else about it. */
  readonly #orderedFrom: number;
  readonly #dropped: (value: V) => void;

  /** @param dropped hears of each value that had to go */
  constructor(entriesMax: number, dropped: (value: V) => void = () => {}) {
    this.#entriesMax = entriesMax;
    this.#orderedFrom = entriesMax / 2;
    this.#dropped = dropped;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, which counts as used now. */
  get(key: K): V | undefined {
    this.touch(key);
    return this.#entries.get(key);
  }

  /** Counts as use of the entry, if there is one. While the map is less than half full nobody asks for the order. */
  touch(key: K): void {
    if (this.#entries.size < this.#orderedFrom) return;
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key); // Maps keep the order of insertion: the first is the least recently used.
    this.#entries.set(key, value);
  }

  /** The value, without counting as use. */
  peek(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    if (this.#entries.size >= this.#orderedFrom) this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#entriesMax) return;
    const [oldestKey, oldest] = this.#entries.entries().next().value!;
    this.#entries.delete(oldestKey);
    this.#dropped(oldest);
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }
}
