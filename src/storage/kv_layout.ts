/**
 * Where things lie in the Deno KV file. Everything is bytes, never objects: a Deno of another version must read them.
 *
 * - `["schema"]`: the version of this layout, as decimal text.
 * - `["row", ...key]`: a byte {@link INLINE} or {@link SPLIT}, with {@link CHECKED}; then the CRC-32 of what follows, four bytes, the
 *   greatest first; then the value, or a {@link Generation} as JSON. Rows of layout 1 have neither the mark nor the checksum.
 * - `["generation", id]`: as a row that points to the {@link Generation}, in layout 1 its JSON alone; written before its parts, so that
 *   parts whose commit never came can be found and removed.
 * - `["part", id, index]`: a piece of a value that is too large for one row.
 */
import { crc32 } from "node:zlib";
import { COMMIT_VALUE_BYTES_MAX } from "./commit_queue.ts";
import type { RowKey } from "./store.ts";

/** One written copy of a value in parts. A new value gets a new generation; the old one is removed after the commit. */
export interface Generation {
  readonly id: string;
  readonly key: RowKey;
  readonly parts: number;
  readonly bytes: number;
  /** CRC-32 of the value; absent in those of layout 1. */
  readonly sum?: number;
}

const CHANGED = "its bytes are not those that were written: the disk or its memory changed them";
const ROWS = "row";
const INLINE = 0;
const SPLIT = 1;
const CHECKED = 2;
/** A checksum, and the byte before it. */
const HEAD_BYTES = 5;
/** Of JSON: no row begins with it. */
const BRACE = 0x7b;
const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true });

/** Key of the row that holds the version of this layout. */
export const SCHEMA_KEY: Deno.KvKey = ["schema"];
/** Beginning of the keys of all generations. */
export const GENERATIONS: Deno.KvKey = ["generation"];

/** Key of the row for the store's `key`. */
export function rowKey(key: RowKey): Deno.KvKey {
  return [ROWS, ...key];
}

/** Key of the entry that announces a generation. */
export function generationKey(id: string): Deno.KvKey {
  return [...GENERATIONS, id];
}

/** Key of one piece of a split value. */
export function partKey(id: string, index: number): Deno.KvKey {
  return ["part", id, index];
}

/** The store's key of a row that was read. */
export function keyOfRow(key: Deno.KvKey): RowKey {
  return key.slice(1) as string[];
}

/** Selects `prefix` itself and all rows that it begins: up to the least string that is greater than its last part. */
export function rowsFrom(prefix: RowKey): Deno.KvListSelector {
  const start = [ROWS, ...prefix];
  return { start, end: [...start.slice(0, -1), `${start.at(-1)}\0`] };
}

/** A row's bytes with the value in it. */
export function inlineRow(value: Uint8Array): Uint8Array {
  return checkedRow(INLINE, value);
}

/** A row's bytes that point to parts. */
export function splitRow(generation: Generation): Uint8Array {
  return checkedRow(SPLIT, encodeGeneration(generation));
}

function checkedRow(format: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + payload.length);
  bytes[0] = format | CHECKED;
  new DataView(bytes.buffer).setUint32(1, crc32(payload));
  bytes.set(payload, HEAD_BYTES);
  return bytes;
}

/**
 * What a row holds.
 *
 * @throws {Error} if the bytes are none that this layout writes, or were changed since
 */
export function decodeRow(value: unknown): Uint8Array | Generation {
  if (!(value instanceof Uint8Array) || value.length === 0) throw new Error("a row is not in the store's format");
  const payload = (value[0] & CHECKED) === 0 ? value.subarray(1) : checkedPayload(value);
  switch (value[0] & ~CHECKED) {
    case INLINE:
      return payload;
    case SPLIT:
      return decodeGeneration(payload);
    default:
      throw new Error(`a row has the unknown format ${value[0]}`);
  }
}

/** The bytes of a damaged row that holds its value; undefined where they only point to one, which must not lose its pointer. */
export function damagedBytes(row: unknown): Uint8Array | undefined {
  return row instanceof Uint8Array && (row[0] & SPLIT) === 0 ? row : undefined;
}

function checkedPayload(row: Uint8Array): Uint8Array {
  if (row.length < HEAD_BYTES) throw new Error("a row is not in the store's format");
  const payload = row.subarray(HEAD_BYTES);
  const sum = new DataView(row.buffer, row.byteOffset).getUint32(1);
  if (crc32(payload) !== sum) throw new Error(CHANGED);
  return payload;
}

/**
 * Checks a value that was put together from its parts.
 *
 * @throws {Error} if it was changed since it was written
 */
export function checkWhole(value: Uint8Array, { sum }: Generation): void {
  if (sum !== undefined && crc32(value) !== sum) throw new Error(CHANGED);
}

/** The generation of a new value. */
export function newGeneration(key: RowKey, value: Uint8Array, parts: number): Generation {
  return { id: crypto.randomUUID(), key, parts, bytes: value.length, sum: crc32(value) };
}

function encodeGeneration(generation: Generation): Uint8Array {
  return utf8.encode(JSON.stringify(generation));
}

/**
 * A generation from the entry that announces it.
 *
 * @throws {Error} if the bytes are none, or were changed since
 */
export function decodeAnnounced(value: unknown): Generation {
  if (value instanceof Uint8Array && value[0] === BRACE) return decodeGeneration(value);
  const generation = decodeRow(value);
  if (generation instanceof Uint8Array) throw new Error("a generation is not in the store's format");
  return generation;
}

function decodeGeneration(value: unknown): Generation {
  if (!(value instanceof Uint8Array)) throw new Error("a generation is not in the store's format");
  const { id, key, parts, bytes, sum } = JSON.parse(text.decode(value));
  const valid = typeof id === "string" && Array.isArray(key) && key.every((part) => typeof part === "string") &&
    Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= COMMIT_VALUE_BYTES_MAX && // Memory is taken for it.
    Number.isSafeInteger(parts) && parts > 0 && parts <= Math.max(1, bytes) &&
    (sum === undefined || Number.isSafeInteger(sum));
  if (!valid) throw new Error("a generation is not in the store's format");
  return { id, key, parts, bytes, sum };
}
