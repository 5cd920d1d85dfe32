import { Decoder } from "cbor-x/decode";
import { Encoder } from "cbor-x/encode";
import { RecordFormatError } from "./format_error.ts";
import { VALUE_BYTES_MAX, VALUE_DEPTH_MAX, VALUE_ITEMS_MAX } from "./limits.ts";
import type { Value } from "./record.ts";
import { checkValue } from "./value_check.ts";

const OPTIONS = { useRecords: false, mapsAsObjects: true, variableMapSize: true, tagUint8Array: false } as const;
const encoder = new Encoder(OPTIONS);
const decoder = new Decoder(OPTIONS);

/**
 * A value as CBOR (RFC 8949): no tags, definite lengths, object keys in one order. Equal values give equal bytes.
 * Properties that are `undefined` are left out; lone surrogates become U+FFFD.
 *
 * @throws {RecordFormatError} if it is too large, too deep, or holds what a {@link Value} cannot
 */
export function encodeValue(value: Value): Uint8Array {
  // A copy: the encoder returns part of a larger buffer, which a kept value would keep too.
  const encoded = new Uint8Array(encoder.encode(canonical(value, { depth: 0, items: 0 })));
  if (encoded.length > VALUE_BYTES_MAX) {
    throw new RecordFormatError(
      `Cannot encode value: ${encoded.length} bytes are over the limit of ${VALUE_BYTES_MAX}`,
    );
  }
  return encoded;
}

/**
 * The value of CBOR bytes, ours or another version's; nothing of the result shares memory with `bytes`.
 *
 * @throws {RecordFormatError} if `bytes` is not exactly one value
 */
export function decodeValue(bytes: Uint8Array): Value {
  checkValue(bytes);
  return plain(decoder.decode(bytes));
}

interface Budget {
  readonly depth: number;
  items: number;
}

/** `value` with sorted keys; refuses what would not come back from `decodeValue`. */
function canonical(value: unknown, budget: Budget): Value {
  if (++budget.items > VALUE_ITEMS_MAX) throw new RecordFormatError("Cannot encode value: too many items");
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "string") return value.toWellFormed();
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "object") throw new RecordFormatError(`Cannot encode value: it holds a ${typeof value}`);
  if (budget.depth >= VALUE_DEPTH_MAX) throw new RecordFormatError("Cannot encode value: it is nested too deeply");
  const inner: Budget = { depth: budget.depth + 1, items: budget.items };
  const result = Array.isArray(value)
    ? Array.from(value, (item) => canonical(item, inner)) // Refuses holes too.
    : Object.fromEntries(sortedEntries(value).map(([key, item]) => [key.toWellFormed(), canonical(item, inner)]));
  budget.items = inner.items;
  return result;
}

function sortedEntries(value: object): [string, unknown][] {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new RecordFormatError(`Cannot encode value: it holds a ${value.constructor?.name ?? "class instance"}`);
  }
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => a < b ? -1 : 1);
}

/** The decoder's result without its own types: byte strings come as `Buffer`, 64-bit integers as `bigint`. */
function plain(decoded: unknown): Value {
  if (typeof decoded === "bigint") return Number(decoded); // Safe: `checkValue` bounds integers.
  if (typeof decoded !== "object" || decoded === null) return decoded as Value;
  if (decoded instanceof Uint8Array) return new Uint8Array(decoded);
  if (Array.isArray(decoded)) return decoded.map(plain);
  return Object.fromEntries(Object.entries(decoded).map(([key, item]) => [key, plain(item)]));
}
