import assert from "node:assert/strict";
import fc from "fast-check";
import { AssertionError } from "../base/mod.ts";
import { bytesOfHex, hexOfBytes } from "./hex.ts";
import { anyRecord } from "./record_arbitrary.ts";
import { formatStamp, isStamp, parseStamp, STAMP_COUNTER_MAX, STAMP_MS_MAX, stampMs, stampRange } from "./stamp.ts";

const node = "0123456789abcdef".repeat(2);

const anyParts = fc
  .tuple(fc.nat(STAMP_MS_MAX), fc.nat(STAMP_COUNTER_MAX), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map(([ms, counter, bytes]) => ({ ms, counter, node: hexOfBytes(bytes) }));

Deno.test("formatStamp() writes 12 digits of milliseconds, 4 of counter and 32 of node", () => {
  assert.equal(formatStamp({ ms: 0x18bcfe56800, counter: 0x2a, node }), `018bcfe56800002a${node}`);
});

Deno.test("parseStamp() is the inverse of formatStamp()", () => {
  fc.assert(fc.property(anyParts, (parts) => {
    assert.deepEqual(parseStamp(formatStamp(parts)), parts);
    assert.equal(stampMs(formatStamp(parts)), parts.ms);
  }));
});

Deno.test("formatStamp() keeps the order of milliseconds, counter and node", () => {
  fc.assert(fc.property(anyParts, anyParts, (a, b) => {
    const earlier = a.ms !== b.ms ? a.ms < b.ms : a.counter !== b.counter ? a.counter < b.counter : a.node < b.node;
    assert.equal(formatStamp(a) < formatStamp(b), earlier);
  }));
});

Deno.test("formatStamp() refuses parts out of range", () => {
  for (
    const wrong of [{ ms: -1 }, { ms: STAMP_MS_MAX + 1 }, { ms: 1.5 }, { counter: STAMP_COUNTER_MAX + 1 }, {
      node: "x",
    }]
  ) {
    assert.throws(() => formatStamp({ ms: 0, counter: 0, node, ...wrong }), AssertionError);
  }
});

Deno.test("isStamp() accepts 48 lower-case hex digits only", () => {
  assert.ok(isStamp("0".repeat(48)));
  for (const text of ["", "0".repeat(47), "0".repeat(49), "A".repeat(48), "g".repeat(48), `${"0".repeat(48)}\n`]) {
    assert.equal(isStamp(text), false, JSON.stringify(text));
    assert.throws(() => parseStamp(text), AssertionError);
  }
});

Deno.test("stampRange() spans the registers of fields and of elements, the birth, and a tombstone's stamp", () => {
  fc.assert(fc.property(anyRecord, (state) => {
    const stamps = [
      ...(state.deletedAt ? [state.deletedAt] : []),
      ...(state.born ? [state.born] : []),
      ...[...state.fields.values()].map((register) => register.stamp),
      ...[...state.sets.values()].flatMap((elements) => [...elements.values()].map((membership) => membership.stamp)),
    ].sort();
    assert.deepEqual(stampRange(state), { least: stamps[0], greatest: stamps.at(-1) });
  }));
});

Deno.test("bytesOfHex() is the inverse of hexOfBytes()", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    assert.deepEqual(bytesOfHex(hexOfBytes(bytes)), new Uint8Array(bytes));
  }));
});
