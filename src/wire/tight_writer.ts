import { freshCopy } from "../base/mod.ts";

/** Appends whole numbers in as few bytes as possible, for the messages of which there are many parts. */
export class TightWriter {
  #buffer = new Uint8Array(256);
  #length = 0;

  /** The low `count` bytes of a number below 2^53, the highest first. */
  fixed(value: number, count: number): void {
    this.#reserve(count);
    for (let i = count - 1; i >= 0; i--) this.#buffer[this.#length++] = Math.floor(value / 2 ** (8 * i)) & 0xff;
  }

  /** A number from 0 to 2^53 in groups of seven bits, the lowest first (LEB128). */
  number(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.fixed(rest % 0x80 + 0x80, 1);
      rest = Math.floor(rest / 0x80);
    }
    this.fixed(rest, 1);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** What was written. */
  finish(): Uint8Array {
    return freshCopy(this.#buffer.subarray(0, this.#length));
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
