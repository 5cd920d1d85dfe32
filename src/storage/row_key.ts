import { type RowKey, StoreError } from "./store.ts";

/** Longest key, in encoded bytes. Deno KV refuses 2,048; the rest is room for the store's own table name. */
export const KEY_BYTES_MAX = 1_900;

/** Encoded bytes that the store's own table name adds to each key, generously. */
const TABLE_BYTES = 8;
/** Each part of a key is encoded with a type byte and an end byte. */
const PART_FRAME_BYTES = 2;

const utf8 = new TextEncoder();

/** Identity of a key as one string, for maps. Every row that is written needs one: hardly any has a part with a NUL. */
export function keyText(key: RowKey): string {
  return key.some((part) => part.includes("\0")) ? JSON.stringify(key) : `=${key.join("\0")}`;
}

/** Bytes of the key as Deno KV encodes it: each part framed, each NUL escaped to two bytes. */
export function keyBytes(key: RowKey): number {
  let bytes = TABLE_BYTES;
  for (const part of key) {
    bytes += PART_FRAME_BYTES + (part.includes("\0") ? part.split("\0").length - 1 : 0) + utf8Bytes(part);
  }
  return bytes;
}

/** Nearly all parts are ASCII, and short: encoding them would cost more than looking. */
function utf8Bytes(part: string): number {
  for (let i = 0; i < part.length; i++) if (part.charCodeAt(i) > 0x7f) return utf8.encode(part).length;
  return part.length;
}

/**
 * Checks that `key` can be stored and read back unchanged.
 *
 * @throws {StoreError} if it has no parts, is too long, or holds half a character (a lone surrogate has no UTF-8 form)
 */
export function checkKey(key: RowKey): void {
  if (key.length === 0) throw new StoreError("Cannot use row key: it has no parts");
  if (!key.every((part) => part.isWellFormed())) {
    throw new StoreError(`Cannot use row key ${JSON.stringify(key)}: it is not well-formed Unicode`);
  }
  const bytes = keyBytes(key);
  if (bytes > KEY_BYTES_MAX) {
    throw new StoreError(
      `Cannot use row key ${JSON.stringify(key).slice(0, 80)}…: ${bytes} bytes, at most ${KEY_BYTES_MAX} are stored`,
    );
  }
}

/** Order of rows: part by part, by code point, as Deno KV's UTF-8 order; a key comes before the keys that it begins. */
export function compareKeys(a: RowKey, b: RowKey): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = compareCodePoints(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Whether the first parts of `key` are `prefix`; a key begins with itself. */
export function beginsWith(key: RowKey, prefix: RowKey): boolean {
  return key.length >= prefix.length && prefix.every((part, i) => part === key[i]);
}

/** JavaScript's `<` compares UTF-16 units and so puts U+1F600 before U+FFEE; UTF-8 does not. */
function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    // At the second half of a pair the first halves were equal: the unit order is then the code point order.
    return a.codePointAt(i)! - b.codePointAt(i)!;
  }
  return a.length - b.length;
}
