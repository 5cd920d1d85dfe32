import { ByteReader } from "./byte_reader.ts";
import { RecordFormatError } from "./format_error.ts";
import { hexOfBytes } from "./hex.ts";
import {
  ACCEPTED_LIMITS,
  ELEMENT_BYTES_MAX,
  FIELD_NAME_BYTES_MAX,
  ID_BYTES_MAX,
  KIND_BYTES_MAX,
  PACKED_BYTES_MAX,
  VALUE_BYTES_MAX,
} from "./limits.ts";
import { PACK_FORMAT, PACKED_BORN_TOMBSTONE, PACKED_LIVE, PACKED_TOMBSTONE } from "./pack.ts";
import type { Membership, RecordKind, RecordState, Register, Stamp } from "./record.ts";
import { checkId, checkKind, checkRecord } from "./record_check.ts";
import { STAMP_BYTES } from "./stamp.ts";
import { checkValue } from "./value_check.ts";

/** Bytes of a stamp that are its milliseconds. */
const STAMP_MS_BYTES = 6;

/**
 * The record in `bytes`, which may come from anyone: accepted is exactly what `packRecord` makes, so packing the result
 * gives the same bytes. Values stay views of `bytes`, which must not change afterwards.
 *
 * @throws {RecordFormatError} on anything else
 */
export function unpackRecord(bytes: Uint8Array): RecordState {
  const reader = new ByteReader(bytes);
  const { kind, id } = readKey(reader, bytes.length);
  const state: RecordState = { kind, id, ...readBody(reader) };
  if (reader.left > 0) throw new RecordFormatError(`Cannot read packed record: ${reader.left} bytes are left over`);
  checkRecord(state, ACCEPTED_LIMITS);
  return state;
}

/**
 * Kind and id of a packed record, without reading further.
 *
 * @throws {RecordFormatError} if there are none at the beginning of `bytes`
 */
export function packedKey(bytes: Uint8Array): { readonly kind: RecordKind; readonly id: string } {
  return readKey(new ByteReader(bytes), bytes.length);
}

/**
 * Milliseconds of the greatest stamp of a packed record, without reading its values.
 *
 * @throws {RecordFormatError} if there is none where it has to be
 */
export function packedStampMs(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  readKey(reader, bytes.length);
  // Stamps of the table ascend: the last one is the greatest.
  const before = reader.byte() === PACKED_LIVE ? reader.number("number of stamps", bytes.length) - 1 : 0;
  if (before < 0) throw new RecordFormatError("Cannot read packed record: it has no stamp");
  reader.bytes(before * STAMP_BYTES);
  let ms = 0;
  for (const byte of reader.bytes(STAMP_MS_BYTES)) ms = ms * 0x100 + byte;
  return ms;
}

function readKey(reader: ByteReader, length: number): { kind: RecordKind; id: string } {
  if (length > PACKED_BYTES_MAX) {
    throw new RecordFormatError(`Cannot read packed record: ${length} bytes are over the limit of ${PACKED_BYTES_MAX}`);
  }
  const format = reader.byte();
  if (format !== PACK_FORMAT) {
    throw new RecordFormatError(
      `Cannot read packed record: format ${format} is unknown, this version reads ${PACK_FORMAT}`,
    );
  }
  const kind = reader.text("kind", KIND_BYTES_MAX);
  checkKind(kind);
  const id = reader.text("id", ID_BYTES_MAX);
  checkId(id);
  return { kind, id };
}

function readBody(reader: ByteReader): Pick<RecordState, "deletedAt" | "born" | "fields" | "sets"> {
  const state = reader.byte();
  if (state === PACKED_TOMBSTONE) return { deletedAt: readStamp(reader), fields: new Map(), sets: new Map() };
  if (state === PACKED_BORN_TOMBSTONE) return { ...readBornTombstone(reader), fields: new Map(), sets: new Map() };
  if (state !== PACKED_LIVE) throw new RecordFormatError(`Cannot read packed record: state ${state} is unknown`);
  const stamps = new StampTable(reader);
  const fields = readFields(reader, stamps);
  const sets = readSets(reader, stamps);
  const born = stamps.unusedFirst();
  return born === undefined ? { fields, sets } : { born, fields, sets };
}

function readBornTombstone(reader: ByteReader): Pick<RecordState, "deletedAt" | "born"> {
  const deletedAt = readStamp(reader);
  const born = readStamp(reader);
  if (born < deletedAt) return { deletedAt, born };
  throw new RecordFormatError("Cannot read packed record: it was born after its deletion");
}

function readFields(reader: ByteReader, stamps: StampTable): Map<string, Register> {
  const fields = new Map<string, Register>();
  const order = new TextOrder("field");
  for (let left = reader.number("number of fields", ACCEPTED_LIMITS.fieldsMax); left > 0; left--) {
    const name = order.next(reader.text("field name", FIELD_NAME_BYTES_MAX));
    const stamp = stamps.at(reader.number("stamp index", stamps.greatestIndex));
    const value = reader.block(`field "${name}"`, VALUE_BYTES_MAX);
    checkValue(value);
    fields.set(name, { stamp, value });
  }
  return fields;
}

function readSets(reader: ByteReader, stamps: StampTable): Map<string, Map<string, Membership>> {
  const sets = new Map<string, Map<string, Membership>>();
  const order = new TextOrder("set");
  for (let left = reader.number("number of sets", ACCEPTED_LIMITS.setsMax); left > 0; left--) {
    const name = order.next(reader.text("set name", FIELD_NAME_BYTES_MAX));
    sets.set(name, readElements(reader, stamps));
  }
  return sets;
}

function readElements(reader: ByteReader, stamps: StampTable): Map<string, Membership> {
  const elements = new Map<string, Membership>();
  const order = new TextOrder("element");
  for (let left = reader.number("number of elements", ACCEPTED_LIMITS.setElementsMax); left > 0; left--) {
    const element = order.next(reader.text("element", ELEMENT_BYTES_MAX));
    const packed = reader.number("stamp index", 2 * stamps.greatestIndex + 1);
    elements.set(element, { stamp: stamps.at(packed >> 1), present: (packed & 1) === 1 });
  }
  return elements;
}

function readStamp(reader: ByteReader): Stamp {
  return hexOfBytes(reader.bytes(STAMP_BYTES));
}

/** The stamps of one record: ascending, each used by a register, but for the first, which may stand for its birth alone. */
class StampTable {
  readonly #stamps: Stamp[] = [];
  readonly #used = new Set<number>();

  constructor(reader: ByteReader) {
    const order = new TextOrder("stamp");
    const max = Math.floor(reader.left / STAMP_BYTES);
    for (let left = reader.number("number of stamps", max); left > 0; left--) {
      this.#stamps.push(order.next(readStamp(reader)));
    }
  }

  get greatestIndex(): number {
    return this.#stamps.length - 1;
  }

  at(index: number): Stamp {
    if (index >= this.#stamps.length) throw new RecordFormatError("Cannot read packed record: a stamp is missing");
    this.#used.add(index);
    return this.#stamps[index];
  }

  /** The first stamp, if no register has it. @throws {RecordFormatError} if another one is not used */
  unusedFirst(): Stamp | undefined {
    const hasUnusedFirst = this.#stamps.length > 0 && !this.#used.has(0);
    if (this.#used.size + Number(hasUnusedFirst) < this.#stamps.length) {
      throw new RecordFormatError("Cannot read packed record: a stamp of the table is not used");
    }
    return hasUnusedFirst ? this.#stamps[0] : undefined;
  }
}

/** Names must come in strictly ascending order, or one record could be packed in several ways. */
class TextOrder {
  readonly #what: string;
  #previous: string | undefined;

  constructor(what: string) {
    this.#what = what;
  }

  next(text: string): string {
    if (this.#previous !== undefined && text <= this.#previous) {
      throw new RecordFormatError(`Cannot read packed record: ${this.#what} "${text}" is out of order`);
    }
    this.#previous = text;
    return text;
  }
}
