const encoder = new TextEncoder();

/** Up to here a loop is faster than calling the runtime. Lengths take one byte. */
const SHORT_LENGTH_MAX = 64;

/** Appends to a buffer that grows as needed. */
export class ByteWriter {
  #buffer = new Uint8Array(1024);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    if (value.length > SHORT_LENGTH_MAX) this.#buffer.set(value, this.#length);
    else for (let i = 0; i < value.length; i++) this.#buffer[this.#length + i] = value[i];
    this.#length += value.length;
  }

  /** A non-negative integer below 2^31 in 7-bit groups, least first, in as few bytes as possible (LEB128). */
  number(value: number): void {
    while (value >= 0x80) {
      this.byte(value & 0x7f | 0x80);
      value >>>= 7;
    }
    this.byte(value);
  }

  /** A byte string behind its length. */
  block(value: Uint8Array): void {
    this.number(value.length);
    this.bytes(value);
  }

  /** UTF-8 behind its length. */
  text(value: string): void {
    if (value.length > SHORT_LENGTH_MAX) return this.block(encoder.encode(value));
    this.#reserve(1 + value.length);
    const start = this.#length;
    this.#buffer[this.#length++] = value.length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) {
        this.#length = start;
        return this.block(encoder.encode(value));
      }
      this.#buffer[this.#length++] = code;
    }
  }

  /** What was written, in an array of its own. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
