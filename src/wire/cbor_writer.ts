import { assert, freshCopy } from "../base/mod.ts";

/** First size of the buffer: a probe fits, most lists grow it a few times and it stays. */
const FIRST_BYTES = 4096;
/** A buffer that a bulk message grew past this is let go again, so that one such message does not cost memory for ever. */
const KEPT_BYTES_MAX = 1024 * 1024;
/** Longest text that is written unit by unit; past it the runtime's encoder is faster. */
const SHORT_TEXT_UNITS = 64;

const encoder = new TextEncoder();

/** Writes the part of CBOR (RFC 8949) that messages use: whole numbers, bytes, text, arrays, true, false and null. */
export class CborWriter {
  #buffer = new Uint8Array(FIRST_BYTES);
  #length = 0;

  /** Bytes written since the last {@link clear}. */
  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    if (this.#buffer.length > KEPT_BYTES_MAX) this.#buffer = new Uint8Array(FIRST_BYTES);
  }

  /** A copy of what was written since the last {@link clear}. */
  take(): Uint8Array {
    return freshCopy(this.#buffer.subarray(0, this.#length));
  }

  /** Announces `count` items, which the caller writes next. */
  array(count: number): void {
    this.#head(0x80, count);
  }

  integer(value: number): void {
    assert(Number.isSafeInteger(value), `Cannot encode number ${value}: it is not a whole number below 2^53`);
    if (value >= 0) this.#head(0x00, value);
    else this.#head(0x20, -1 - value);
  }

  boolean(value: boolean): void {
    this.#head(0xe0, value ? 21 : 20);
  }

  null(): void {
    this.#head(0xe0, 22);
  }

  bytes(value: Uint8Array): void {
    this.#head(0x40, value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** As {@link bytes}, for a few from the middle of others: one by one takes less time than to begin a copy. */
  bytesAt(source: Uint8Array, start: number, count: number): void {
    this.#head(0x40, count);
    this.#reserve(count);
    const buffer = this.#buffer;
    const to = this.#length;
    for (let i = 0; i < count; i++) buffer[to + i] = source[start + i];
    this.#length = to + count;
  }

  text(value: string): void {
    if (value.length > SHORT_TEXT_UNITS || !this.#asciiText(value)) {
      const bytes = encoder.encode(value);
      this.#head(0x60, bytes.length);
      this.#reserve(bytes.length);
      this.#buffer.set(bytes, this.#length);
      this.#length += bytes.length;
    }
  }

  #asciiText(value: string): boolean {
    const start = this.#length;
    this.#head(0x60, value.length);
    this.#reserve(value.length);
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) {
        this.#length = start;
        return false;
      }
      this.#buffer[this.#length++] = unit;
    }
    return true;
  }

  #head(major: number, value: number): void {
    this.#reserve(9);
    const buffer = this.#buffer;
    if (value < 24) {
      buffer[this.#length++] = major | value;
    } else if (value < 0x100) {
      buffer[this.#length++] = major | 24;
      buffer[this.#length++] = value;
    } else if (value < 0x10000) {
      buffer[this.#length++] = major | 25;
      this.#bigEndian(value, 2);
    } else if (value < 0x100000000) {
      buffer[this.#length++] = major | 26;
      this.#bigEndian(value, 4);
    } else {
      buffer[this.#length++] = major | 27;
      this.#bigEndian(Math.floor(value / 0x100000000), 4);
      this.#bigEndian(value % 0x100000000, 4);
    }
  }

  #bigEndian(value: number, count: number): void {
    for (let shift = 8 * (count - 1); shift >= 0; shift -= 8) this.#buffer[this.#length++] = value >>> shift;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
