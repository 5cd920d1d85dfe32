import { WireFormatError } from "./wire_format_error.ts";

/** Longest text that is read unit by unit; past it the runtime's decoder is faster. */
const SHORT_TEXT_BYTES = 32;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const enum Major {
  Unsigned = 0,
  Negative = 1,
  Bytes = 2,
  Text = 3,
  Array = 4,
  Map = 5,
  Tag = 6,
  Simple = 7,
}

/**
 * Reads CBOR (RFC 8949) item by item, as the caller expects them. Every length is checked against its bound, and against the
 * bytes that are there, before memory is taken. Indefinite lengths are refused: we write none.
 *
 * Every method throws {@link WireFormatError}, and nothing else, on bytes that do not fit.
 */
export class CborReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** Opens an array; the caller reads `count` items next. Counts above `countMax` are `too_large`. */
  array(countMax: number): number {
    const count = this.#head(Major.Array, "an array");
    if (count > countMax) {
      throw new WireFormatError("too_large", `array of ${count} items where ${countMax} are allowed`);
    }
    if (count > this.#remaining) throw malformed(`array of ${count} items in ${this.#remaining} bytes`);
    return count;
  }

  /** Opens an array of at least `count` items and returns how many more there are, for {@link skip} at its end. */
  arrayOf(count: number): number {
    const found = this.array(this.#bytes.length);
    if (found < count) throw malformed(`array of ${found} items where ${count} are needed`);
    return found - count;
  }

  /** A whole number of 0 … 2^53 − 1. */
  unsigned(): number {
    return this.#head(Major.Unsigned, "a number");
  }

  /** A whole number of either sign. */
  integer(): number {
    return this.#peek() >> 5 === Major.Negative ? -1 - this.#head(Major.Negative, "a number") : this.unsigned();
  }

  boolean(): boolean {
    const byte = this.#peek();
    if (byte !== 0xf4 && byte !== 0xf5) throw malformed("true or false is missing");
    this.#position++;
    return byte === 0xf5;
  }

  /** Steps over a null if one is next. */
  skipNull(): boolean {
    if (this.#peek() !== 0xf6) return false;
    this.#position++;
    return true;
  }

  /** True when a byte string is next. */
  get atBytes(): boolean {
    return this.#peek() >> 5 === Major.Bytes;
  }

  /** True when a text is next. */
  get atText(): boolean {
    return this.#peek() >> 5 === Major.Text;
  }

  /** A view into the input, not a copy. */
  bytes(lengthMax: number): Uint8Array {
    return this.#run(Major.Bytes, "bytes", lengthMax);
  }

  text(lengthMax: number): string {
    const bytes = this.#run(Major.Text, "a text", lengthMax);
    if (bytes.length <= SHORT_TEXT_BYTES) {
      let text = "";
      for (let i = 0; i < bytes.length && bytes[i] < 0x80; i++) text += String.fromCharCode(bytes[i]);
      if (text.length === bytes.length) return text;
    }
    try {
      return decoder.decode(bytes);
    } catch {
      throw malformed("text is not UTF-8");
    }
  }

  /** Steps over `count` items of any form and depth: what a newer version adds. */
  skip(count: number): void {
    for (let pending = count; pending > 0; pending--) {
      const { major, value } = this.#anyHead();
      if (major === Major.Bytes || major === Major.Text) this.#advance(value);
      else if (major === Major.Array) pending += value;
      else if (major === Major.Map) pending += 2 * value;
      else if (major === Major.Tag) pending++;
      if (pending - 1 > this.#remaining) throw malformed("more items are announced than bytes are left");
    }
  }

  get #remaining(): number {
    return this.#bytes.length - this.#position;
  }

  #peek(): number {
    if (this.#position >= this.#bytes.length) throw malformed("bytes end too early");
    return this.#bytes[this.#position];
  }

  #run(major: Major, what: string, lengthMax: number): Uint8Array {
    const length = this.#head(major, what);
    if (length > lengthMax) {
      throw new WireFormatError("too_large", `${what} of ${length} bytes, ${lengthMax} are allowed`);
    }
    const start = this.#position;
    this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  #advance(count: number): void {
    if (count > this.#remaining) throw malformed("bytes end too early");
    this.#position += count;
  }

  #head(major: Major, what: string): number {
    const first = this.#peek();
    if (first >> 5 !== major) throw malformed(`${what} is missing`);
    return this.#argument();
  }

  #anyHead(): { major: Major; value: number } {
    const first = this.#peek();
    const major: Major = first >> 5;
    if (major === Major.Simple && (first & 31) >= 25 && (first & 31) <= 27) { // Floats of 2, 4 and 8 bytes.
      this.#advance(1 + (1 << ((first & 31) - 24)));
      return { major, value: 0 };
    }
    return { major, value: this.#argument() };
  }

  #argument(): number {
    const info = this.#bytes[this.#position] & 31;
    if (info < 24) {
      this.#position++;
      return info;
    }
    if (info > 27) throw malformed("indefinite and reserved lengths are not used here");
    const size = 1 << (info - 24);
    const start = this.#position + 1;
    this.#advance(1 + size);
    let value = 0;
    for (let i = start; i < start + size; i++) value = value * 256 + this.#bytes[i];
    if (value > Number.MAX_SAFE_INTEGER) throw malformed("number is above 2^53 − 1");
    return value;
  }
}

function malformed(cause: string): WireFormatError {
  return new WireFormatError("malformed", `Cannot read message: ${cause}`);
}
