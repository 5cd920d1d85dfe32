import assert from "node:assert/strict";
import fc from "fast-check";
import { deflateSync } from "fflate";
import { seededRandom } from "../base/mod.ts";
import { COMPRESSION_BYTES_MIN, COMPRESSION_RATIO_MAX, packMessage, unpackMessage } from "./compression.ts";
import { WireFormatError } from "./wire_format_error.ts";

const LIMIT = { messageBytesMax: 1_000_000 };

function noise(length: number): Uint8Array {
  const random = seededRandom(length);
  return Uint8Array.from({ length }, () => random.below(256));
}

/** Words in random order: compresses about as a text does. */
function prose(length: number): Uint8Array {
  const random = seededRandom(length);
  const words = ["server", "cluster", "template", "of", "a", "the", "zone", "member"];
  let text = "";
  while (text.length < length) text += words[random.below(words.length)] + " ";
  return new TextEncoder().encode(text.slice(0, length));
}

/** A packed message that says it is `length` bytes long. */
function claiming(length: number, deflated: Uint8Array): Uint8Array {
  const packed = new Uint8Array(5 + deflated.length);
  packed[0] = 1;
  new DataView(packed.buffer).setUint32(1, length);
  packed.set(deflated, 5);
  return packed;
}

function reasonOf(packed: Uint8Array): string {
  try {
    unpackMessage(packed, LIMIT);
  } catch (error) {
    assert.ok(error instanceof WireFormatError, `threw ${error}`);
    return error.reason;
  }
  return "unpacked";
}

Deno.test("messages come back as they were, on or off, of any kind and size", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000, size: "max" }), fc.boolean(), (message, compression) => {
    assert.deepEqual(unpackMessage(packMessage(message, { compression }), LIMIT), message);
  }));
  for (const length of [0, 255, 256, 65_535, 65_536, 300_000, 999_999]) {
    for (const message of [noise(length), prose(length), new Uint8Array(length)]) {
      assert.deepEqual(unpackMessage(packMessage(message, { compression: true }), LIMIT), message);
    }
  }
});

Deno.test("packing never makes a message longer than by its form byte", () => {
  for (const length of [0, 1, 256, 1000, 70_000]) {
    assert.equal(packMessage(noise(length), { compression: true }).length, length + 1);
  }
});

Deno.test("text gets smaller, unless it is short or compression is off", () => {
  assert.ok(packMessage(prose(6000), { compression: true }).length < 3500);
  assert.ok(packMessage(prose(100_000), { compression: true }).length < 50_000);
  assert.equal(packMessage(prose(1000), { compression: false }).length, 1001);
  assert.equal(
    packMessage(new Uint8Array(COMPRESSION_BYTES_MIN - 1), { compression: true }).length,
    COMPRESSION_BYTES_MIN,
  );
});

Deno.test("what would look like a bomb is sent as it is", () => {
  const zeros = new Uint8Array(500_000);
  assert.ok(deflateSync(zeros).length * COMPRESSION_RATIO_MAX < zeros.length);
  assert.equal(packMessage(zeros, { compression: true }).length, zeros.length + 1);
});

Deno.test("unpackMessage() refuses bombs: by their claim, and by what they yield", () => {
  const bomb = deflateSync(new Uint8Array(10_000_000), { level: 9 });
  assert.equal(reasonOf(claiming(10_000_000, bomb)), "too_large", "over the limit");
  assert.equal(reasonOf(claiming(1_000_000, bomb.subarray(0, 1_000))), "too_large", "over the ratio");
  const startedMs = performance.now();
  assert.equal(reasonOf(claiming(900_000, bomb)), "too_large", "more than it claims");
  assert.ok(performance.now() - startedMs < 1000);
});

Deno.test("unpackMessage() refuses a claim of four gigabytes without taking the memory", () => {
  assert.equal(reasonOf(claiming(0xffffffff, noise(100))), "too_large");
});

Deno.test("unpackMessage() refuses a message that is shorter or longer than it claims", () => {
  const deflated = deflateSync(prose(1000));
  assert.equal(reasonOf(claiming(1000, deflated)), "unpacked");
  assert.equal(reasonOf(claiming(999, deflated)), "too_large");
  assert.equal(reasonOf(claiming(1001, deflated)), "malformed");
});

Deno.test("unpackMessage() refuses large streams that are cut, changed, or not of the length that they claim", () => {
  const message = prose(200_000);
  message.set(noise(50_000), 20_000);
  const deflated = deflateSync(message);
  assert.ok(deflated.length > 50_000);
  assert.equal(reasonOf(claiming(message.length, deflated)), "unpacked");
  assert.equal(reasonOf(claiming(message.length - 1, deflated)), "too_large");
  assert.equal(reasonOf(claiming(message.length + 1, deflated)), "malformed");
  assert.equal(reasonOf(claiming(message.length, deflated.subarray(0, 50_000))), "malformed");
  assert.equal(reasonOf(claiming(message.length, noise(50_000))), "malformed");
  const bomb = deflateSync(new Uint8Array(100_000_000), { level: 9 });
  const startedMs = performance.now();
  assert.equal(reasonOf(claiming(999_999, bomb)), "too_large");
  assert.ok(performance.now() - startedMs < 1000);
});

Deno.test("unpackMessage() throws nothing but its error", () => {
  assert.equal(reasonOf(new Uint8Array()), "malformed");
  assert.equal(reasonOf(Uint8Array.of(1)), "malformed");
  assert.equal(reasonOf(Uint8Array.of(2, 1, 2, 3)), "malformed");
  assert.equal(reasonOf(Uint8Array.of(0, ...noise(10))), "unpacked");
  const good = packMessage(prose(2000), { compression: true });
  fc.assert(fc.property(fc.nat(good.length - 1), fc.nat(7), fc.nat(good.length), (at, bit, length) => {
    const changed = good.slice();
    changed[at] ^= 1 << bit;
    reasonOf(changed);
    reasonOf(good.subarray(0, length));
  }));
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), (bytes) => {
    reasonOf(claiming(400, bytes));
    reasonOf(bytes);
  }));
});
