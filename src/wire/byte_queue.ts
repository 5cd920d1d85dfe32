/** First size of a queue: a handshake fits, so that a stranger costs no more. */
const FIRST_BYTES = 256;
/** A buffer that grew past this is let go when it is empty: a server may have a thousand idle streams. */
const IDLE_BYTES_MAX = 16 * 1024;

/** Bytes that came in chunks of any size, taken out in pieces of chosen size. Copies: many tiny chunks cost no more than one. */
export class ByteQueue {
  #buffer = new Uint8Array(FIRST_BYTES);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  push(chunk: Uint8Array): void {
    if (this.#start === this.#end) this.#start = this.#end = 0; // Mostly: a chunk is a frame, and was taken whole.
    if (this.#end + chunk.length > this.#buffer.length) this.#makeRoom(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The next `count` bytes without taking them; fewer when fewer are there. Valid until the next `push`. */
  peek(count: number): Uint8Array {
    return this.#buffer.subarray(this.#start, Math.min(this.#start + count, this.#end));
  }

  /** Takes `count` bytes; undefined when they are not all there yet. Valid until the next `push`. */
  take(count: number): Uint8Array | undefined {
    if (this.length < count) return undefined;
    const piece = this.peek(count);
    this.#start += count;
    return piece;
  }

  /** Gives back memory that an empty queue does not need. */
  trim(): void {
    if (this.length > 0 || this.#buffer.length <= IDLE_BYTES_MAX) return;
    this.#buffer = new Uint8Array(FIRST_BYTES);
    this.#start = this.#end = 0;
  }

  /** Bytes of memory that are held. */
  get capacity(): number {
    return this.#buffer.length;
  }

  #makeRoom(count: number): void {
    const needed = this.length + count;
    const target = needed <= this.#buffer.length / 2 // Else moving down would be repeated for little room.
      ? this.#buffer
      : new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    target.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = target;
    this.#end -= this.#start;
    this.#start = 0;
  }
}
