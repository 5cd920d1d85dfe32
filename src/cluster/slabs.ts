/** One block of memory for many small records: a buffer of its own costs the runtime as much as such a record. */
const SLAB_BYTES = 16 * 1024;
/** Records that are larger have a buffer of their own. */
const SMALL_BYTES_MAX = 2 * 1024;

/**
 * Copies small byte strings side by side. A slab lives as long as anything in it: for what comes in large numbers and stays, not
 * for what is replaced all the time.
 */
export class Slabs {
  #slab = new Uint8Array(0);
  #used = 0;

  /** The same bytes, to be kept; `bytes` itself where it is large. */
  keep(bytes: Uint8Array): Uint8Array {
    if (bytes.length > SMALL_BYTES_MAX) return bytes;
    if (this.#used + bytes.length > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const kept = this.#slab.subarray(this.#used, this.#used + bytes.length);
    kept.set(bytes);
    this.#used += bytes.length;
    return kept;
  }
}
