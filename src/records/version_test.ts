import assert from "node:assert/strict";
import fc from "fast-check";
import { hexOfBytes } from "./hex.ts";
import { packRecord } from "./pack.ts";
import { anyRecord } from "./record_arbitrary.ts";
import type { RecordState } from "./record.ts";
import { formatStamp } from "./stamp.ts";
import { unpackRecord } from "./unpack.ts";
import { encodeValue } from "./value.ts";
import { recordVersion } from "./version.ts";

Deno.test("recordVersion() is the same for a record, its bytes and a copy that went over the network", () => {
  fc.assert(fc.property(anyRecord, (state) => {
    const packed = packRecord(state);
    assert.match(recordVersion(state), /^[0-9a-f]{16}$/);
    assert.equal(recordVersion(packed), recordVersion(state));
    assert.equal(recordVersion(unpackRecord(packed)), recordVersion(state));
  }));
});

Deno.test("recordVersion() tells any two different contents apart", () => {
  fc.assert(fc.property(anyRecord, anyRecord, (a, b) => {
    const same = hexOfBytes(packRecord(a)) === hexOfBytes(packRecord(b));
    assert.equal(recordVersion(a) === recordVersion(b), same);
  }));
});

Deno.test("recordVersion() sees a change of stamp, value or presence alone", () => {
  const versions = new Set<string>();
  for (const ms of [1, 2]) {
    const stamp = formatStamp({ ms, counter: 0, node: "a".repeat(32) });
    for (const present of [true, false]) {
      for (const value of ["x", "y"].map(encodeValue)) {
        const sets = new Map([["roles", new Map([["r", { stamp, present }]])]]);
        versions.add(recordVersion({ kind: "user", id: "u1", fields: new Map([["name", { stamp, value }]]), sets }));
      }
    }
    versions.add(recordVersion({ kind: "user", id: "u1", deletedAt: stamp, fields: new Map(), sets: new Map() }));
  }
  assert.equal(versions.size, 10);
});

Deno.test("recordVersion() and packRecord() are what they were in the first release", () => {
  const stamp = formatStamp({ ms: 0x18bcfe56800, counter: 1, node: "0123456789abcdef".repeat(2) });
  const state: RecordState = {
    kind: "group",
    id: "018bcfe5-6800-7abc-8def-0123456789ab",
    fields: new Map([
      ["name", { stamp, value: encodeValue("Developers") }],
      ["max_spaces", { stamp, value: encodeValue(10) }],
    ]),
    sets: new Map([["zones", new Map([["gb", { stamp, present: true }], ["au", { stamp, present: false }]])]]),
  };
  assert.equal(hexOfBytes(packRecord(state)), PACKED_IN_FIRST_RELEASE);
  assert.equal(recordVersion(state), VERSION_IN_FIRST_RELEASE);
});

const PACKED_IN_FIRST_RELEASE = [
  "010567726f75702430313862636665352d363830302d376162632d386465662d3031323334353637383961620001018bcfe5",
  "680000010123456789abcdef0123456789abcdef020a6d61785f73706163657300010a046e616d65000b6a446576656c6f70",
  "65727301057a6f6e6573020261750002676201",
].join("");
const VERSION_IN_FIRST_RELEASE = "d65c6442038912bb";
