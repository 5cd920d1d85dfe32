/** Bytes of the length that leads every message. */
export const LENGTH_BYTES = 4;

/** Writes the length of a message to its start, big-endian. A `DataView` for each message would cost more than all of it. */
export function writeLength(message: Uint8Array, length: number): void {
  for (let i = 0; i < LENGTH_BYTES; i++) message[i] = length >>> 8 * (LENGTH_BYTES - 1 - i);
}

/** The length at the start of a message of at least {@link LENGTH_BYTES}. */
export function readLength(message: Uint8Array): number {
  return (message[0] << 24 | message[1] << 16 | message[2] << 8 | message[3]) >>> 0;
}

/** First memory for a message, however long it says it is: more is taken as its bytes come. */
const FIRST_BYTES = 64 * 1024;

/** Joins the parts of one message after the other. Bytes are copied a bounded number of times, whatever the parts. */
export class MessageAssembly {
  #buffer: Uint8Array | undefined;
  #length = 0;
  #filled = 0;

  /** True while a message has begun and not ended. */
  get isOpen(): boolean {
    return this.#buffer !== undefined;
  }

  /** Begins a message of `length` bytes, which the caller has found acceptable. */
  begin(length: number): void {
    this.#buffer = new Uint8Array(Math.min(length, FIRST_BYTES));
    this.#length = length;
    this.#filled = 0;
  }

  /** True when the part fits what is missing. */
  fits(part: Uint8Array): boolean {
    return this.#filled + part.length <= this.#length;
  }

  /** Adds a part that fits; gives the whole message when it was the last. */
  add(part: Uint8Array): Uint8Array | undefined {
    let buffer = this.#buffer!;
    if (this.#filled + part.length > buffer.length) {
      const grown = new Uint8Array(Math.min(this.#length, Math.max(2 * buffer.length, this.#filled + part.length)));
      grown.set(buffer.subarray(0, this.#filled));
      this.#buffer = buffer = grown;
    }
    buffer.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled < this.#length) return undefined;
    this.#buffer = undefined;
    return buffer;
  }
}
