/** Texts that are remembered: the ids of a thousand servers, and what lately came of records. A power of two. */
const PLACES = 4_096;
const DASH = "-".charCodeAt(0);

/** Character codes of the two digits of each byte. */
const HIGH_DIGITS = new Uint8Array(256);
const LOW_DIGITS = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const digits = byte.toString(16).padStart(2, "0");
  HIGH_DIGITS[byte] = digits.charCodeAt(0);
  LOW_DIGITS[byte] = digits.charCodeAt(1);
}

/**
 * Texts of identifiers of one length. The same ids come with nearly every message: whoever asks for one again gets the very text
 * that was made before, which takes less time to give, and later to compare and to look up.
 */
export class IdentifierTexts {
  readonly #texts: Array<string | undefined> = new Array(PLACES).fill(undefined);
  /** The bytes of the text at each place. */
  readonly #bytes: Uint8Array;
  readonly #digits: readonly number[];
  readonly #codes: number[];

  /**
   * @param digits where the two digits of each byte stand in the text; dashes stand elsewhere
   * @param units length of the text
   */
  constructor(digits: readonly number[], units: number) {
    this.#bytes = new Uint8Array(PLACES * digits.length);
    this.#digits = digits;
    this.#codes = new Array(units).fill(DASH);
  }

  /** @param bytes as many as there are pairs of digits */
  textOf(bytes: Uint8Array): string {
    const place = placeOf(bytes);
    const start = place * bytes.length;
    const known = this.#texts[place];
    if (known !== undefined && this.#holds(start, bytes)) return known;
    const text = this.#write(bytes);
    this.#texts[place] = text;
    for (let i = 0; i < bytes.length; i++) this.#bytes[start + i] = bytes[i];
    return text;
  }

  #holds(start: number, bytes: Uint8Array): boolean {
    for (let i = 0; i < bytes.length; i++) if (this.#bytes[start + i] !== bytes[i]) return false;
    return true;
  }

  /** In one piece: what is put together digit by digit is a chain that each use has to walk. */
  #write(bytes: Uint8Array): string {
    for (let i = 0; i < bytes.length; i++) {
      this.#codes[this.#digits[i]] = HIGH_DIGITS[bytes[i]];
      this.#codes[this.#digits[i] + 1] = LOW_DIGITS[bytes[i]];
    }
    return String.fromCharCode(...this.#codes);
  }
}

/** Spreads what differs in few bytes, as ids of one second do (FNV-1a). */
function placeOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return (hash ^ hash >>> 15) & PLACES - 1;
}
