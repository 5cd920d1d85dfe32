/** Bytes that wait for the network, in order. The owner bounds it by {@link WriteQueue.bytes}. */
export class WriteQueue {
  #chunks: Uint8Array[] = [];
  #first = 0;
  #bytes = 0;

  /** How many bytes wait. */
  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /**
   * Takes the next bytes, `bytesMax` at most; undefined when none wait. Small chunks come joined, since a system call
   * and a packet for each would cost more than the copy; a large one comes as views of itself.
   */
  take(bytesMax: number): Uint8Array | undefined {
    if (this.#bytes === 0) return undefined;
    const head = this.#chunks[this.#first];
    if (head.length >= bytesMax || head.length === this.#bytes) return this.#takeFromHead(bytesMax);
    const joined = new Uint8Array(Math.min(bytesMax, this.#bytes));
    let filled = 0;
    while (filled < joined.length) {
      const part = this.#takeFromHead(joined.length - filled);
      joined.set(part, filled);
      filled += part.length;
    }
    return joined;
  }

  clear(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  #takeFromHead(bytesMax: number): Uint8Array {
    const head = this.#chunks[this.#first];
    const part = head.length <= bytesMax ? head : head.subarray(0, bytesMax);
    this.#bytes -= part.length;
    if (part.length < head.length) {
      this.#chunks[this.#first] = head.subarray(bytesMax);
    } else if (++this.#first === this.#chunks.length) {
      this.clear();
    } else if (this.#first > 1_000) { // Shifting at each step would make a long queue cost its square.
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
    return part;
  }
}
