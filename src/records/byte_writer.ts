const encoder = new TextEncoder();

/** Up to here a loop is faster than calling the runtime. Lengths take one byte. */
const SHORT_LENGTH_MAX = 64;

const FIRST_BYTES = 1_024;
/** A buffer that a large record grew past this is let go, so that one such record does not cost memory for ever. */
const KEPT_BYTES_MAX = 64 * 1024;

/** The buffer of the last writer that finished: most are made one after the other. */
let spare: Uint8Array | undefined;

/** Appends to a buffer that grows as needed. */
export class ByteWriter {
  #buffer: Uint8Array;
  #length = 0;

  constructor() {
    this.#buffer = spare ?? new Uint8Array(FIRST_BYTES);
    spare = undefined;
  }

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

  /** What was written, in an array of its own; the writer is empty then, and of no further use. */
  finish(): Uint8Array {
    const written = this.#buffer.slice(0, this.#length);
    if (this.#buffer.length <= KEPT_BYTES_MAX) spare = this.#buffer;
    this.#buffer = new Uint8Array();
    this.#length = 0;
    return written;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
