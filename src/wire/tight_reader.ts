import { WireFormatError } from "./wire_format_error.ts";

/** Groups of seven bits in a number below 2^53. */
const NUMBER_BYTES_MAX = 8;

/** Reads what {@link TightWriter} wrote, from bytes that nobody vouches for. Every method throws {@link WireFormatError}. */
export class TightReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A number of `count` bytes, the highest first. */
  fixed(count: number): number {
    let value = 0;
    for (const byte of this.bytes(count)) value = value * 0x100 + byte;
    return value;
  }

  number(max: number): number {
    let value = 0;
    for (let i = 0; i < NUMBER_BYTES_MAX; i++) {
      const byte = this.fixed(1);
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte >= 0x80) continue;
      if (value > max) throw malformed(`a number is ${value}, at most ${max} is allowed`);
      return value;
    }
    throw malformed("a number is too long");
  }

  /** How many items follow, of which each takes at least `bytesEach`: no more than there are bytes for. */
  count(bytesEach: number): number {
    return this.number(Math.floor(this.left / bytesEach));
  }

  /** A view of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    if (count > this.left) throw malformed("it ends too early");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}

function malformed(what: string): WireFormatError {
  return new WireFormatError("malformed", `Cannot read message: ${what}`);
}
