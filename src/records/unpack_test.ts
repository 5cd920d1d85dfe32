import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteWriter } from "./byte_writer.ts";
import { RecordFormatError } from "./format_error.ts";
import { bytesOfHex } from "./hex.ts";
import { PACKED_BYTES_MAX } from "./limits.ts";
import { PACK_FORMAT, PACKED_LIVE, PACKED_TOMBSTONE, packRecord } from "./pack.ts";
import { anyRecord } from "./record_arbitrary.ts";
import { packedKey, unpackRecord } from "./unpack.ts";

const EARLY = "0".repeat(47) + "1";
const LATE = "0".repeat(47) + "2";
const ZERO = Uint8Array.of(0); // The value 0.

/** A packed record made by hand, honest unless told otherwise. */
function packed(
  { format = PACK_FORMAT, kind = "user", id = "u1", stamps = [EARLY], body = oneField }: {
    format?: number;
    kind?: string;
    id?: string;
    stamps?: string[];
    body?: (writer: ByteWriter) => void;
  } = {},
): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(format);
  writer.text(kind);
  writer.text(id);
  writer.byte(PACKED_LIVE);
  writer.number(stamps.length);
  for (const stamp of stamps) writer.bytes(bytesOfHex(stamp));
  body(writer);
  return writer.finish();
}

type Part = [name: string, index: number, value?: Uint8Array];

function fieldsAndSets(fields: Part[], sets: [string, Part[]][] = []): (writer: ByteWriter) => void {
  return (writer) => {
    writer.number(fields.length);
    for (const [name, index, value = ZERO] of fields) {
      writer.text(name);
      writer.number(index);
      writer.block(value);
    }
    writer.number(sets.length);
    for (const [name, elements] of sets) {
      writer.text(name);
      writer.number(elements.length);
      for (const [element, index] of elements) {
        writer.text(element);
        writer.number(index);
      }
    }
  };
}

const oneField = fieldsAndSets([["name", 0]]);

function refuses(bytes: Uint8Array, what: string): void {
  assert.throws(() => unpackRecord(bytes), (error) => {
    assert.ok(error instanceof RecordFormatError, `${what}: ${error}`);
    return true;
  }, what);
}

Deno.test("unpackRecord() reads the documented layout", () => {
  const body = fieldsAndSets([["active", 1, Uint8Array.of(0xf5)], ["name", 0]], [["roles", [["a", 1], ["b", 2]]]]);
  assert.deepEqual(unpackRecord(packed({ stamps: [EARLY, LATE], body })), {
    kind: "user",
    id: "u1",
    fields: new Map([
      ["active", { stamp: LATE, value: Uint8Array.of(0xf5) }],
      ["name", { stamp: EARLY, value: ZERO }],
    ]),
    sets: new Map([
      ["roles", new Map([["a", { stamp: EARLY, present: true }], ["b", { stamp: LATE, present: false }]])],
    ]),
  });
});

Deno.test("unpackRecord() passes kinds, fields and sets of a newer version unread", () => {
  const value = bytesOfHex("1800"); // An encoding of 0 that we would not choose.
  const bytes = packed({
    kind: "event_sink",
    body: fieldsAndSets([["from_the_future", 0, value]], [["teams", [["t", 1]]]]),
  });
  const state = unpackRecord(bytes);
  assert.deepEqual(state.fields.get("from_the_future")!.value, value);
  assert.deepEqual(packRecord(state), bytes);
});

Deno.test("unpackRecord() refuses what another packing of the same record would be", () => {
  const two = [EARLY, LATE];
  refuses(packed({ stamps: [LATE, EARLY], body: fieldsAndSets([["a", 0], ["b", 1]]) }), "stamps out of order");
  refuses(packed({ stamps: [EARLY, EARLY], body: fieldsAndSets([["a", 0], ["b", 1]]) }), "a stamp twice");
  refuses(packed({ stamps: two }), "a stamp that is not used");
  refuses(packed({ body: fieldsAndSets([["b", 0], ["a", 0]]) }), "fields out of order");
  refuses(packed({ body: fieldsAndSets([["a", 0], ["a", 0]]) }), "a field twice");
  refuses(packed({ body: fieldsAndSets([["a", 0]], [["s", [["y", 1], ["x", 1]]]]) }), "elements out of order");
  refuses(packed({ body: fieldsAndSets([["a", 0]], [["s", [["x", 1], ["x", 0]]]]) }), "an element twice");
  refuses(packed({ body: fieldsAndSets([["a", 0]], [["t", [["x", 1]]], ["s", [["x", 1]]]]) }), "sets out of order");
  refuses(packed({ body: fieldsAndSets([["a", 0]], [["s", []]]) }), "an empty set");
  refuses(Uint8Array.of(...packed(), 0), "bytes behind the record");
  const behindCount = [1, 0x61, 0, 1, 0, 0]; // A field "a" with the first stamp and the value 0; no sets.
  assert.ok(unpackRecord(packed({ body: (writer) => writer.bytes(Uint8Array.of(1, ...behindCount)) })));
  const long = packed({ body: (writer) => writer.bytes(Uint8Array.of(0x81, 0, ...behindCount)) });
  refuses(long, "the number 1 in two bytes");
});

Deno.test("unpackRecord() refuses hostile keys, names, indices, lengths and values", () => {
  refuses(new Uint8Array(), "nothing");
  refuses(packed({ format: 2 }), "another format");
  refuses(packed({ kind: "User" }), "a kind with a capital");
  refuses(packed({ kind: "k".repeat(33) }), "a long kind");
  refuses(packed({ kind: "" }), "no kind");
  refuses(packed({ id: "" }), "no id");
  refuses(packed({ id: "i".repeat(65) }), "a long id");
  refuses(packed({ id: "u\0" }), "an id with NUL");
  refuses(packed({ stamps: [], body: fieldsAndSets([]) }), "a record without stamps");
  refuses(packed({ body: fieldsAndSets([["a", 1]]) }), "a stamp index past the table");
  refuses(packed({ body: fieldsAndSets([["a", 0]], [["s", [["x", 2]]]]) }), "an element's stamp index past the table");
  refuses(packed({ stamps: [], body: fieldsAndSets([["a", 0]]) }), "an index without table");
  refuses(packed({ body: fieldsAndSets([["__proto__", 0]]) }), "a field called __proto__");
  refuses(packed({ body: fieldsAndSets([["f".repeat(65), 0]]) }), "a long field name");
  refuses(packed({ body: fieldsAndSets([["a", 0, new Uint8Array()]]) }), "an empty value");
  refuses(packed({ body: fieldsAndSets([["a", 0, Uint8Array.of(0, 0)]]) }), "a value of two items");
  refuses(packed({ body: fieldsAndSets([["a", 0]], [["s", [["x".repeat(257), 1]]]]) }), "a long element");
  refuses(packed({ body: (writer) => writer.number(257) }), "257 fields announced");
  refuses(packed({ body: (writer) => writer.bytes(new Uint8Array(9).fill(0xff)) }), "an endless number");
  refuses(new Uint8Array(PACKED_BYTES_MAX + 1).fill(PACK_FORMAT), "more bytes than any record takes");
  const invalid = packed({ body: fieldsAndSets([["a", 0]], [["s", [["xy", 1]]]]) });
  invalid[invalid.length - 2] = 0xff;
  refuses(invalid, "an element that is not UTF-8");
  const state = packed();
  state[1 + 5 + 3] = 3; // Behind format, kind and id.
  refuses(state, "neither live nor tombstone");
  state[1 + 5 + 3] = PACKED_TOMBSTONE;
  refuses(state, "a tombstone with something behind it");
});

Deno.test("unpackRecord() refuses every beginning of a record", () => {
  fc.assert(fc.property(anyRecord, fc.nat(), (state, cut) => {
    const bytes = packRecord(state);
    refuses(bytes.subarray(0, cut % bytes.length), "cut off");
  }));
});

Deno.test("unpackRecord() throws nothing but RecordFormatError, and accepts only what packs to the same bytes", () => {
  const damaged = fc
    .tuple(anyRecord, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }))
    .map(([state, edits]) => {
      const bytes = packRecord(state);
      for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array()), (bytes) => {
      let again: Uint8Array;
      try {
        again = packRecord(unpackRecord(bytes));
      } catch (error) {
        assert.ok(error instanceof RecordFormatError, String(error));
        return;
      }
      assert.deepEqual(again, new Uint8Array(bytes));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("packedKey() reads kind and id without the rest", () => {
  assert.deepEqual(packedKey(packed().subarray(0, 9)), { kind: "user", id: "u1" });
  assert.throws(() => packedKey(packed().subarray(0, 8)), RecordFormatError);
  assert.throws(() => packedKey(packed({ id: "../u1" })), RecordFormatError);
});
