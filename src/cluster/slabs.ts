/** One block of memory for many small records: a buffer of its own costs the runtime as much as such a record. */
const SLAB_BYTES = 16 * 1024;
/** Records that are larger have a buffer of their own. */
const SMALL_BYTES_MAX = 2 * 1024;

/** Where kept bytes lie. Three fields cost half of what a view of the bytes does. */
export interface Place {
  readonly slab: Uint8Array;
  readonly at: number;
  readonly length: number;
}

/**
 * Copies small byte strings side by side. A slab lives as long as anything in it: for what comes in large numbers and stays, not
 * for what is replaced all the time.
 */
export class Slabs {
  #slab = new Uint8Array(0);
  #used = 0;

  /** Where the same bytes lie from now on; in a buffer of their own where they are large. */
  keep(bytes: Uint8Array): Place {
    if (bytes.length > SMALL_BYTES_MAX) return ownPlace(bytes);
    if (this.#used + bytes.length > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const at = this.#used;
    this.#slab.set(bytes, at);
    this.#used += bytes.length;
    return { slab: this.#slab, at, length: bytes.length };
  }
}

/** Bytes in a buffer of their own: `bytes` may be a small piece of a large message, which nobody needs any more. */
export function ownPlace(bytes: Uint8Array): Place {
  const slab = bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
  return { slab, at: 0, length: bytes.length };
}
