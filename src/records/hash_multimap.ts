/** Places at first: most kinds of a small cluster have a handful of names. A power of two, as all sizes. */
const PLACES_MIN = 16;
/** Past this share of taken places there are twice as many, below a quarter of it half as many. */
const FILLED_SHARE_MAX = 0.75;

/**
 * Small whole numbers under hashes, any number of them under one: an open hash table in two flat arrays, some thirty bytes a number, where a `Map` takes several times as much.
 */
export class HashMultimap {
  #hashes = new Float64Array(PLACES_MIN);
  /** One more than the number; 0 is a free place. */
  #numbers = new Uint32Array(PLACES_MIN);
  #size = 0;
  #surplus = 0;

  /** Numbers that share their hash with one that was there before: 0 where each hash has one at most. */
  get surplus(): number {
    return this.#surplus;
  }

  /**
   * Puts in `number`, below 2^32 - 1.
   *
   * @param hash a whole number below 2^53, so wide that two names hardly ever share it
   */
  add(hash: number, number: number): void {
    if (this.#size + 1 > this.#numbers.length * FILLED_SHARE_MAX) this.#resize(2 * this.#numbers.length);
    if (this.has(hash)) this.#surplus++;
    this.#insert(hash, number + 1);
    this.#size++;
  }

  /** Whether anything is under `hash`, or `number` is. */
  has(hash: number, number?: number): boolean {
    for (const found of this.under(hash)) if (number === undefined || found === number) return true;
    return false;
  }

  /** All numbers under `hash`, in no order. */
  *under(hash: number): Generator<number> {
    const mask = this.#numbers.length - 1;
    for (let at = hash & mask; this.#numbers[at] !== 0; at = (at + 1) & mask) {
      if (this.#hashes[at] === hash) yield this.#numbers[at] - 1;
    }
  }

  /** Takes out `number` once; nothing happens where it is not. */
  delete(hash: number, number: number): void {
    const mask = this.#numbers.length - 1;
    let at = hash & mask;
    while (this.#numbers[at] !== 0 && (this.#hashes[at] !== hash || this.#numbers[at] !== number + 1)) {
      at = (at + 1) & mask;
    }
    if (this.#numbers[at] === 0) return;
    this.#free(at);
    this.#size--;
    if (this.has(hash)) this.#surplus--;
    const isSparse = this.#size < this.#numbers.length * FILLED_SHARE_MAX / 4;
    if (isSparse && this.#numbers.length > PLACES_MIN) this.#resize(this.#numbers.length / 2);
  }

  #insert(hash: number, entry: number): void {
    const mask = this.#numbers.length - 1;
    let at = hash & mask;
    while (this.#numbers[at] !== 0) at = (at + 1) & mask;
    this.#hashes[at] = hash;
    this.#numbers[at] = entry;
  }

  /** What comes behind is moved up as far as its hash allows, so that a search may end at a free place (Knuth 6.4, algorithm R). */
  #free(freed: number): void {
    const mask = this.#numbers.length - 1;
    let hole = freed;
    for (let at = (hole + 1) & mask; this.#numbers[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[at] & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      this.#hashes[hole] = this.#hashes[at];
      this.#numbers[hole] = this.#numbers[at];
      hole = at;
    }
    this.#numbers[hole] = 0;
  }

  #resize(places: number): void {
    const hashes = this.#hashes, numbers = this.#numbers;
    this.#hashes = new Float64Array(places);
    this.#numbers = new Uint32Array(places);
    for (let at = 0; at < numbers.length; at++) if (numbers[at] !== 0) this.#insert(hashes[at], numbers[at]);
  }
}
