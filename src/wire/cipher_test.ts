import assert from "node:assert/strict";
import { getCiphers } from "node:crypto";
import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { type Cipher, cipher, nativeCipher, portableCipher, type SealContext, TAG_BYTES } from "./cipher.ts";

/** RFC 8439 §2.8.2. */
const RFC = {
  context: {
    key: Uint8Array.from({ length: 32 }, (_, at) => 0x80 + at),
    nonce: hexToBytes("070000004041424344454647"),
    associated: hexToBytes("50515253c0c1c2c3c4c5c6c7"),
  },
  plaintext: utf8ToBytes(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  ),
  box: hexToBytes(
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b" +
      "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc" +
      "3ff4def08e4b7a9de576d26586cec64b6116" + "1ae10b594f09e26a7e902ecbd0600691",
  ),
};

const ciphers: Cipher[] = nativeCipher === undefined ? [portableCipher] : [portableCipher, nativeCipher];

function seal(one: Cipher, context: SealContext, plaintext: Uint8Array): Uint8Array {
  const box = new Uint8Array(plaintext.length + TAG_BYTES);
  one.seal(context, plaintext, box);
  return box;
}

const sized = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const context = fc.record({ key: sized(32), nonce: sized(12), associated: fc.uint8Array({ maxLength: 60 }) });

Deno.test("both ciphers make the box of RFC 8439 and open it", () => {
  for (const one of ciphers) {
    assert.deepEqual(seal(one, RFC.context, RFC.plaintext), RFC.box);
    assert.deepEqual(one.open(RFC.context, RFC.box), RFC.plaintext);
  }
});

Deno.test("the runtime's cipher is in use where there is one", () => {
  assert.equal(cipher, nativeCipher ?? portableCipher);
  if (getCiphers().includes("chacha20-poly1305")) assert.ok(nativeCipher, "it makes other bytes than the reference");
});

Deno.test("both ciphers make the same bytes and open each other's", () => {
  fc.assert(fc.property(context, fc.uint8Array({ maxLength: 300 }), (given, plaintext) => {
    const boxes = ciphers.map((one) => seal(one, given, plaintext));
    for (const box of boxes) {
      assert.deepEqual(box, boxes[0]);
      for (const one of ciphers) assert.deepEqual(one.open(given, box), plaintext);
    }
  }));
});

Deno.test("both ciphers refuse a changed box, and one that is too short", () => {
  for (const one of ciphers) {
    for (let at = 0; at < RFC.box.length; at++) {
      const changed = RFC.box.slice();
      changed[at] ^= 0x10;
      assert.equal(one.open(RFC.context, changed), undefined);
    }
    const { associated } = RFC.context;
    assert.equal(one.open({ ...RFC.context, associated: associated.subarray(1) }, RFC.box), undefined);
    for (const length of [0, 1, TAG_BYTES - 1, TAG_BYTES]) {
      assert.equal(one.open(RFC.context, RFC.box.subarray(0, length)), undefined);
    }
  }
});

Deno.test("both ciphers write into a larger buffer without touching the rest", () => {
  for (const one of ciphers) {
    const output = new Uint8Array(RFC.box.length + 10).fill(7);
    one.seal(RFC.context, RFC.plaintext, output.subarray(4));
    assert.deepEqual(output.subarray(4, 4 + RFC.box.length), RFC.box);
    assert.deepEqual([...output.subarray(0, 4), ...output.subarray(-6)], new Array(10).fill(7));
  }
});
