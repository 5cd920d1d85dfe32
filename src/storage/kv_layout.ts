/**
 * Where things lie in the Deno KV file. Everything is bytes, never objects: a Deno of another version must read them.
 *
 * - `["schema"]`: the version of this layout, as decimal text.
 * - `["row", ...key]`: a byte {@link INLINE} and the value, or a byte {@link SPLIT} and a {@link Generation} as JSON.
 * - `["generation", id]`: the {@link Generation} as JSON, written before its parts, so that parts whose commit never
 *   came can be found and removed.
 * - `["part", id, index]`: a piece of a value that is too large for one row.
 */
import { COMMIT_VALUE_BYTES_MAX } from "./commit_queue.ts";
import type { RowKey } from "./store.ts";

/** One written copy of a value in parts. A new value gets a new generation; the old one is removed after the commit. */
export interface Generation {
  readonly id: string;
  readonly key: RowKey;
  readonly parts: number;
  readonly bytes: number;
}

const ROWS = "row";
const INLINE = 0;
const SPLIT = 1;
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
  const bytes = new Uint8Array(value.length + 1);
  bytes[0] = INLINE;
  bytes.set(value, 1);
  return bytes;
}

/** A row's bytes that point to parts. */
export function splitRow(generation: Generation): Uint8Array {
  const pointer = inlineRow(encodeGeneration(generation));
  pointer[0] = SPLIT;
  return pointer;
}

/**
 * What a row holds.
 *
 * @throws {Error} if the bytes are none that this layout writes
 */
export function decodeRow(value: unknown): Uint8Array | Generation {
  if (!(value instanceof Uint8Array) || value.length === 0) throw new Error("a row is not in the store's format");
  const payload = value.subarray(1);
  switch (value[0]) {
    case INLINE:
      return payload;
    case SPLIT:
      return decodeGeneration(payload);
    default:
      throw new Error(`a row has the unknown format ${value[0]}`);
  }
}

/** A generation as stored. */
export function encodeGeneration(generation: Generation): Uint8Array {
  return utf8.encode(JSON.stringify(generation));
}

/**
 * A generation as read.
 *
 * @throws {Error} if the bytes are no generation
 */
export function decodeGeneration(value: unknown): Generation {
  if (!(value instanceof Uint8Array)) throw new Error("a generation is not in the store's format");
  const { id, key, parts, bytes } = JSON.parse(text.decode(value));
  const valid = typeof id === "string" && Array.isArray(key) && key.every((part) => typeof part === "string") &&
    Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= COMMIT_VALUE_BYTES_MAX && // Memory is taken for it.
    Number.isSafeInteger(parts) && parts > 0 && parts <= Math.max(1, bytes);
  if (!valid) throw new Error("a generation is not in the store's format");
  return { id, key, parts, bytes };
}
