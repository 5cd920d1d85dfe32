import type { TightReader } from "./tight_reader.ts";
import type { TightWriter } from "./tight_writer.ts";
import { TEXT_BYTES_MAX } from "./limits.ts";
import { WireFormatError } from "./wire_format_error.ts";

/** Where the dashes of a UUID stand, and how long it is. */
const DASHES = [8, 13, 18, 23];
const UUID_UNITS = 36;
/** Largest count that fits its three bits; it says that a number follows. */
const ESCAPE = 7;
/** Bits of a head that belong to the bound. */
const BOUND_BITS = 6;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Bounds of ranges, each told by what is new against the one before: most take two bytes. A head byte has two bits of the caller's,
 * three for how much of the one before goes, three for how much comes. `hex`: beginnings of UUIDs, whose digits take half a byte
 * each and whose dashes are left out; else UTF-8. Nothing going and nothing coming is the end of all ids.
 */
export interface BoundForm {
  readonly hex: boolean;
}

/** The form that fits all of `bounds`; null is the end. */
export function formOf(bounds: Iterable<string | null>): BoundForm {
  for (const bound of bounds) if (bound !== null && !isUuidStart(bound)) return { hex: false };
  return { hex: true };
}

/** The units of a bound: digits as numbers, or UTF-8 bytes. */
function unitsOf(bound: string, { hex }: BoundForm): Uint8Array {
  if (!hex) return encoder.encode(bound);
  return Uint8Array.from(bound.replaceAll("-", ""), (digit) => parseInt(digit, 16));
}

function boundOf(units: Uint8Array, { hex }: BoundForm): string {
  if (!hex) {
    try {
      return decoder.decode(units);
    } catch {
      throw new WireFormatError("malformed", "Cannot read message: a bound is no text");
    }
  }
  let bound = "";
  for (const unit of units) {
    if (DASHES.includes(bound.length)) bound += "-";
    bound += unit.toString(16);
  }
  return bound;
}

/** Writes bounds that follow each other. */
export class BoundWriter {
  #before = new Uint8Array();

  constructor(private readonly writer: TightWriter, private readonly form: BoundForm) {}

  /** @param kind 0 to 3, which the caller reads back */
  write(bound: string | null, kind: number): void {
    const units = bound === null ? this.#before : unitsOf(bound, this.form);
    let shared = 0;
    while (shared < units.length && units[shared] === this.#before[shared]) shared++;
    const gone = this.#before.length - shared;
    const added = units.subarray(shared);
    this.writer.fixed(kind << BOUND_BITS | Math.min(gone, ESCAPE) << 3 | Math.min(added.length, ESCAPE), 1);
    if (gone >= ESCAPE) this.writer.number(gone);
    if (added.length >= ESCAPE) this.writer.number(added.length);
    if (!this.form.hex) this.writer.bytes(added);
    else for (let i = 0; i < added.length; i += 2) this.writer.fixed(added[i] << 4 | (added[i + 1] ?? 0), 1);
    this.#before = new Uint8Array(units);
  }
}

/** Reads what {@link BoundWriter} wrote. @throws {WireFormatError} */
export class BoundReader {
  #before = new Uint8Array();

  constructor(private readonly reader: TightReader, private readonly form: BoundForm) {}

  /** The next bound, null for the end, and the caller's bits. */
  read(): { bound: string | null; kind: number } {
    const head = this.reader.fixed(1);
    const kind = head >> BOUND_BITS;
    let gone = head >> 3 & ESCAPE, added = head & ESCAPE;
    if (gone === 0 && added === 0) return { bound: null, kind };
    const unitsMax = this.form.hex ? UUID_UNITS - DASHES.length : TEXT_BYTES_MAX;
    if (gone === ESCAPE) gone = this.reader.number(this.#before.length);
    if (added === ESCAPE) added = this.reader.number(unitsMax);
    const kept = this.#before.length - gone;
    if (kept < 0 || kept + added > unitsMax) {
      throw new WireFormatError("malformed", "Cannot read message: a bound does not fit the one before");
    }
    const units = new Uint8Array(kept + added);
    units.set(this.#before.subarray(0, kept));
    if (this.form.hex) {
      const packed = this.reader.bytes(Math.ceil(added / 2));
      for (let i = 0; i < added; i++) units[kept + i] = i % 2 === 0 ? packed[i >> 1] >> 4 : packed[i >> 1] & 0xf;
    } else units.set(this.reader.bytes(added), kept);
    this.#before = units;
    return { bound: boundOf(units, this.form), kind };
  }
}

function isUuidStart(bound: string): boolean {
  if (bound.length > UUID_UNITS || bound.endsWith("-")) return false;
  for (let i = 0; i < bound.length; i++) {
    const unit = bound[i];
    const isDigit = (unit >= "0" && unit <= "9") || (unit >= "a" && unit <= "f");
    if (DASHES.includes(i) ? unit !== "-" : !isDigit) return false;
  }
  return true;
}
