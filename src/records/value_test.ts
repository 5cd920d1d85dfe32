import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordFormatError } from "./format_error.ts";
import { bytesOfHex, hexOfBytes } from "./hex.ts";
import { VALUE_BYTES_MAX, VALUE_DEPTH_MAX, VALUE_ITEMS_MAX } from "./limits.ts";
import { anyValue } from "./record_arbitrary.ts";
import type { Value } from "./record.ts";
import { decodeValue, encodeValue } from "./value.ts";

const nested = (depth: number) => Array.from({ length: depth }).reduce<Value>((inner) => [inner], 0);

Deno.test("decodeValue() is the inverse of encodeValue()", () => {
  fc.assert(fc.property(anyValue, (value) => {
    assert.deepEqual(decodeValue(encodeValue(value)), withoutNegativeZero(value));
  }));
});

/** The one value that comes back different, though equal: −0 is 0. */
function withoutNegativeZero(value: Value): Value {
  if (value === 0) return 0;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutNegativeZero(item)]));
}

Deno.test("encodeValue() writes plain CBOR without tags", () => {
  const cases: [Value, string][] = [
    [null, "f6"],
    [true, "f5"],
    [-1, "20"],
    [-0, "00"],
    [1000, "1903e8"],
    [1.5, "fb3ff8000000000000"],
    [1_700_000_000_000, "fb4278bcfe56800000"],
    ["é", "62c3a9"],
    [new Uint8Array([1, 2]), "420102"],
    [[1, ["a"]], "8201816161"],
    [{ b: 1, a: {} }, "a26161a0616201"],
  ];
  for (const [value, hex] of cases) assert.equal(hexOfBytes(encodeValue(value)), hex);
});

Deno.test("encodeValue() gives equal bytes whatever the order of keys, and leaves out undefined ones", () => {
  const a = encodeValue({ name: "x", inner: { p: 1, q: 2 } });
  const b = encodeValue({ inner: { q: 2, p: 1 }, gone: undefined, name: "x" } as unknown as Value);
  assert.deepEqual(a, b);
});

Deno.test("encodeValue() gives bytes of their own, not a part of the encoder's buffer", () => {
  assert.equal(encodeValue("first").buffer.byteLength, 6);
});

Deno.test("encodeValue() replaces lone surrogates, in short and long texts alike", () => {
  assert.equal(decodeValue(encodeValue("a\ud800")), "a\ufffd");
  assert.equal(decodeValue(encodeValue("\ud800" + "x".repeat(100))), "\ufffd" + "x".repeat(100));
});

Deno.test("encodeValue() refuses what is not a value, is nested too deeply, or too large", () => {
  const cyclic: Value[] = [];
  cyclic.push(cyclic);
  const wrong: unknown[] = [
    undefined,
    [undefined],
    () => 1,
    10n,
    Symbol("s"),
    new Date(0),
    new Map(),
    cyclic,
    nested(VALUE_DEPTH_MAX + 1),
    new Array(VALUE_ITEMS_MAX).fill(0),
    "x".repeat(VALUE_BYTES_MAX),
  ];
  for (const value of wrong) assert.throws(() => encodeValue(value as Value), RecordFormatError);
  assert.deepEqual(decodeValue(encodeValue(nested(VALUE_DEPTH_MAX))), nested(VALUE_DEPTH_MAX));
});

Deno.test("decodeValue() reads integers and floats of other encoders", () => {
  const cases: Record<string, number> = {
    "1b0000018bcfe56800": 1_700_000_000_000,
    "1b001ffffffffffffe": Number.MAX_SAFE_INTEGER - 1,
    "3b0000018bcfe56800": -1_700_000_000_001,
    "1817": 23,
    "f93e00": 1.5,
    "fa3fc00000": 1.5,
  };
  for (const [hex, value] of Object.entries(cases)) assert.equal(decodeValue(bytesOfHex(hex)), value);
});

Deno.test("decodeValue() gives byte strings that are copies, and plain arrays of bytes", () => {
  const bytes = encodeValue([new Uint8Array([7])]);
  const [inner] = decodeValue(bytes) as [Uint8Array];
  assert.equal(Object.getPrototypeOf(inner), Uint8Array.prototype);
  bytes.fill(0);
  assert.deepEqual(inner, new Uint8Array([7]));
});

Deno.test("decodeValue() refuses everything that is not exactly one plain value", () => {
  const wrong: Record<string, string> = {
    "": "nothing",
    "0000": "two items",
    "18": "an integer cut off",
    "62c3": "a text cut off",
    "62c328": "a text that is not UTF-8",
    "7bffffffffffffffff": "a text of 16 EiB",
    "9affffffff": "an array of 4 Gi items",
    "bb00ffffffffffffff": "a map of as many",
    "9fff": "an indefinite array",
    "5f4100ff": "an indefinite byte string",
    "1c": "a reserved length",
    "c000": "a tag",
    "d81c80": "a shared reference",
    "a10000": "a map with a number as key",
    "f7": "undefined",
    "f8ff": "a simple value",
    "ff": "a break",
    "1b0020000000000000": "an integer past 2^53",
    "3bffffffffffffffff": "the least 64-bit integer",
    [`${"81".repeat(VALUE_DEPTH_MAX + 1)}00`]: "too deep an array",
    [`9a${VALUE_ITEMS_MAX.toString(16).padStart(8, "0")}${"00".repeat(VALUE_ITEMS_MAX)}`]: "too many items",
  };
  for (const [hex, what] of Object.entries(wrong)) {
    assert.throws(() => decodeValue(bytesOfHex(hex)), RecordFormatError, what);
  }
});

Deno.test("decodeValue() throws nothing but RecordFormatError, and what it accepts can be encoded", () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(anyValue, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
      const bytes = encodeValue(value);
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      let value: Value;
      try {
        value = decodeValue(bytes);
      } catch (error) {
        assert.ok(error instanceof RecordFormatError, String(error));
        return;
      }
      encodeValue(value);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("decodeValue() cannot be made to change a prototype", () => {
  const hex = `a1${hexOfBytes(encodeValue("__proto__"))}${hexOfBytes(encodeValue({ admin: true }))}`;
  const value = decodeValue(bytesOfHex(hex)) as { admin?: boolean };
  assert.equal(value.admin, undefined);
  assert.equal(({} as { admin?: boolean }).admin, undefined);
});
