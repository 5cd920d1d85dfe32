import { RecordFormatError } from "./format_error.ts";
import {
  ELEMENT_BYTES_MAX,
  FIELD_NAME_BYTES_MAX,
  ID_BYTES_MAX,
  KIND_BYTES_MAX,
  type RecordLimits,
  REGISTER_OVERHEAD_BYTES,
  VALUE_BYTES_MAX,
} from "./limits.ts";
import type { RecordState } from "./record.ts";

const encoder = new TextEncoder();
const NAME_PATTERN = /^[a-z][a-z0-9_]*$/;
const ID_PATTERN = /^[A-Za-z0-9._:-]+$/; // Safe in addresses, log lines and file names.

/** @throws {RecordFormatError} if `kind` cannot name a kind */
export function checkKind(kind: string): void {
  if (kind.length > KIND_BYTES_MAX || !NAME_PATTERN.test(kind)) throw refused("kind", kind, KIND_BYTES_MAX);
}

/** @throws {RecordFormatError} if `id` cannot be a record's id */
export function checkId(id: string): void {
  if (id.length > ID_BYTES_MAX || !ID_PATTERN.test(id)) throw refused("id", id, ID_BYTES_MAX);
}

/** @throws {RecordFormatError} if `name` cannot name a field or a set */
export function checkFieldName(name: string): void {
  if (name.length > FIELD_NAME_BYTES_MAX || !NAME_PATTERN.test(name)) {
    throw refused("field", name, FIELD_NAME_BYTES_MAX);
  }
}

/**
 * Checks everything of a record but its stamps and the inside of its values, which only our own code makes.
 *
 * @throws {RecordFormatError} naming the record, what is wrong and the limit
 */
export function checkRecord(state: RecordState, limits: RecordLimits): void {
  checkKind(state.kind);
  checkId(state.id);
  const about = `Cannot keep ${state.kind} "${state.id}"`;
  if (state.deletedAt !== undefined) {
    if (state.fields.size + state.sets.size === 0) return;
    throw new RecordFormatError(`${about}: a tombstone holds no fields`);
  }
  if (state.fields.size + state.sets.size === 0) {
    throw new RecordFormatError(`${about}: it has neither fields nor sets`);
  }
  checkCount(`${about}: fields`, state.fields.size, limits.fieldsMax);
  checkCount(`${about}: sets`, state.sets.size, limits.setsMax);
  let bytes = 0;
  for (const [name, { value }] of state.fields) {
    checkFieldName(name);
    checkCount(`${about}: bytes in field "${name}"`, value.length, VALUE_BYTES_MAX);
    bytes += name.length + value.length + REGISTER_OVERHEAD_BYTES;
  }
  for (const [name, elements] of state.sets) {
    checkFieldName(name);
    if (elements.size === 0) throw new RecordFormatError(`${about}: set "${name}" has no elements`);
    checkCount(`${about}: elements in set "${name}"`, elements.size, limits.setElementsMax);
    bytes += name.length;
    for (const element of elements.keys()) bytes += elementBytes(about, name, element) + REGISTER_OVERHEAD_BYTES;
  }
  checkCount(`${about}: bytes`, bytes, limits.bytesMax);
}

function elementBytes(about: string, set: string, element: string): number {
  if (!element.isWellFormed()) throw new RecordFormatError(`${about}: an element of set "${set}" is not valid Unicode`);
  const bytes = encoder.encode(element).length;
  checkCount(`${about}: bytes in an element of set "${set}"`, bytes, ELEMENT_BYTES_MAX);
  return bytes;
}

function checkCount(what: string, count: number, max: number): void {
  if (count > max) throw new RecordFormatError(`${what} are ${count}, the limit is ${max}`);
}

function refused(what: string, text: string, max: number): RecordFormatError {
  return new RecordFormatError(
    `Cannot use "${text.slice(0, max)}" as ${what}: expected up to ${max} characters of ${
      what === "id" ? "letters, digits and . _ : -" : "a-z, 0-9 and _, a letter first"
    }`,
  );
}
