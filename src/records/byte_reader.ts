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
    if (this.#at >= this.#bytes.length) throw endsTooEarly();
    return this.#bytes[this.#at++];
  }

  /** A view of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    if (count > this.left) throw endsTooEarly();
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** A number of at most `max`, which `role` and `what` name in the error: put together only where there is one. */
  number(what: string, max: number, role = ""): number {
    let value = 0;
    for (let i = 0; i < NUMBER_BYTES_MAX; i++) {
      const byte = this.byte();
      value |= (byte & 0x7f) << (7 * i);
      if (byte >= 0x80) continue;
      if (byte === 0 && i > 0) break; // The same number fits in fewer bytes.
      if (value > max) {
        throw new RecordFormatError(`Cannot read packed record: ${role}${what} is ${value}, the limit is ${max}`);
      }
      return value;
    }
    throw new RecordFormatError(`Cannot read packed record: ${role}${what} is not a canonical number`);
  }

  /** A view of a byte string of at most `max` bytes. */
  block(what: string, max: number): Uint8Array {
    return this.bytes(this.number(what, max, "length of "));
  }

  /** A text of at most `max` bytes. */
  text(what: string, max: number): string {
    const length = this.number(what, max, "length of ");
    if (length > this.left) throw endsTooEarly();
    const ascii = length <= SHORT_LENGTH_MAX ? asciiText(this.#bytes, this.#at, length) : undefined;
    if (ascii !== undefined) {
      this.#at += length;
      return ascii;
    }
    try {
      return utf8.decode(this.bytes(length));
    } catch {
      throw new RecordFormatError(`Cannot read packed record: ${what} is not UTF-8`);
    }
  }
}

/** Undefined when there is more in it than ASCII. Made at once: a text that grew by pieces keeps them all in memory. */
function asciiText(bytes: Uint8Array, at: number, length: number): string | undefined {
  const codes = new Array<number>(length);
  for (let i = 0; i < length; i++) {
    const code = bytes[at + i];
    if (code >= 0x80) return undefined;
    codes[i] = code;
  }
  return String.fromCharCode.apply(undefined, codes);
}

function endsTooEarly(): RecordFormatError {
  return new RecordFormatError("Cannot read packed record: it ends too early");
}
