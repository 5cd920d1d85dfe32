import { RecordFormatError } from "./format_error.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Up to here a loop is faster than calling the runtime. */
const SHORT_LENGTH_MAX = 64;

/** Most bytes a number may take: 28 bits are far beyond any length we accept. */
const NUMBER_BYTES_MAX = 4;

/**
 * Reads what `ByteWriter` writes, from bytes that nobody vouches for. Every method throws {@link RecordFormatError}.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    return this.bytes(1)[0];
  }

  /** A view of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    if (count > this.left) throw new RecordFormatError("Cannot read packed record: it ends too early");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** A number of at most `max`, which `what` names in the error. */
  number(what: string, max: number): number {
    let value = 0;
    for (let i = 0; i < NUMBER_BYTES_MAX; i++) {
      const byte = this.byte();
      value |= (byte & 0x7f) << (7 * i);
      if (byte >= 0x80) continue;
      if (byte === 0 && i > 0) break; // The same number fits in fewer bytes.
      if (value > max) {
        throw new RecordFormatError(`Cannot read packed record: ${what} is ${value}, the limit is ${max}`);
      }
      return value;
    }
    throw new RecordFormatError(`Cannot read packed record: ${what} is not a canonical number`);
  }

  /** A view of a byte string of at most `max` bytes. */
  block(what: string, max: number): Uint8Array {
    return this.bytes(this.number(`length of ${what}`, max));
  }

  /** A text of at most `max` bytes. */
  text(what: string, max: number): string {
    const bytes = this.block(what, max);
    const ascii = bytes.length <= SHORT_LENGTH_MAX ? asciiText(bytes) : undefined;
    if (ascii !== undefined) return ascii;
    try {
      return utf8.decode(bytes);
    } catch {
      throw new RecordFormatError(`Cannot read packed record: ${what} is not UTF-8`);
    }
  }
}

/** Undefined when there is more in it than ASCII. Made at once: a text that grew by pieces keeps them all in memory. */
function asciiText(bytes: Uint8Array): string | undefined {
  const codes = new Array<number>(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] >= 0x80) return undefined;
    codes[i] = bytes[i];
  }
  return String.fromCharCode.apply(undefined, codes);
}
