import { RecordFormatError } from "./format_error.ts";
import { VALUE_BYTES_MAX, VALUE_DEPTH_MAX, VALUE_ITEMS_MAX } from "./limits.ts";

/** CBOR's major types (RFC 8949, §3.1). */
const UNSIGNED = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6;

/** Additional information of major type 7 (RFC 8949, §3.3). */
const FALSE = 20, NULL = 22, FLOAT16 = 25, FLOAT64 = 27;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Proves, without decoding, that `bytes` is exactly one value that `decodeValue` can read: one CBOR item with definite
 * lengths, no tags, valid UTF-8, text keys in maps and integers that a double holds exactly.
 *
 * @throws {RecordFormatError} if it is not
 */
export function checkValue(bytes: Uint8Array): void {
  if (bytes.length > VALUE_BYTES_MAX) throw refused(`${bytes.length} bytes are over the limit of ${VALUE_BYTES_MAX}`);
  const end = new ValueScanner(bytes).item(0);
  if (end !== bytes.length) throw refused("bytes are left over");
}

class ValueScanner {
  readonly #bytes: Uint8Array;
  #at = 0;
  #items = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Passes one item and what it holds; returns where it ends. */
  item(depth: number): number {
    if (depth > VALUE_DEPTH_MAX) throw refused("it is nested too deeply");
    if (++this.#items > VALUE_ITEMS_MAX) throw refused(`it holds more than ${VALUE_ITEMS_MAX} items`);
    const head = this.#bytes[this.#take(1)];
    const major = head >> 5;
    const info = head & 0x1f;
    switch (major) {
      case UNSIGNED:
      case NEGATIVE:
        this.#argument(info);
        break;
      case BYTES:
        this.#take(this.#argument(info));
        break;
      case TEXT:
        this.#text(this.#argument(info));
        break;
      case ARRAY:
        for (let left = this.#argument(info); left > 0; left--) this.item(depth + 1);
        break;
      case MAP:
        for (let left = this.#argument(info); left > 0; left--) {
          this.#key();
          this.item(depth + 1);
        }
        break;
      case TAG:
        throw refused("it is tagged");
      default:
        this.#simple(info);
    }
    return this.#at;
  }

  #key(): void {
    const head = this.#bytes[this.#take(1)];
    if (head >> 5 !== TEXT) throw refused("a map key is not text");
    this.#text(this.#argument(head & 0x1f));
  }

  #simple(info: number): void {
    if (info >= FALSE && info <= NULL) return;
    if (info < FLOAT16 || info > FLOAT64) throw refused(`simple value ${info} is not one of ours`);
    this.#take(1 << (info - 24));
  }

  #text(length: number): void {
    const start = this.#take(length);
    for (let at = start; at < this.#at; at++) {
      if (this.#bytes[at] < 0x80) continue;
      try {
        utf8.decode(this.#bytes.subarray(at, this.#at));
      } catch {
        throw refused("a text is not UTF-8");
      }
      return;
    }
  }

  /** The number that follows an item's head: its value or length. */
  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw refused("a length is indefinite or reserved");
    const size = 1 << (info - 24);
    const start = this.#take(size);
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.#bytes[start + i];
    if (value >= Number.MAX_SAFE_INTEGER) throw refused("a number is too large"); // Also −1 − n must be exact.
    return value;
  }

  /** Passes `count` bytes; returns where they begin. */
  #take(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start) throw refused("it ends too early");
    this.#at = start + count;
    return start;
  }
}

function refused(reason: string): RecordFormatError {
  return new RecordFormatError(`Cannot read value: ${reason}`);
}
