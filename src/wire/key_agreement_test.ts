import assert from "node:assert/strict";
import { hexToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { type KeyAgreement, keyAgreement, nativeAgreement, portableAgreement, X25519_BYTES } from "./key_agreement.ts";

/** RFC 7748 §6.1. */
const ALICE = {
  secretKey: hexToBytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
  publicKey: hexToBytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
};
const BOB = {
  secretKey: hexToBytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
  publicKey: hexToBytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
};
const SHARED = hexToBytes("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");

const agreements: KeyAgreement[] = nativeAgreement === undefined
  ? [portableAgreement]
  : [portableAgreement, nativeAgreement];
const secretKey = fc.uint8Array({ minLength: X25519_BYTES, maxLength: X25519_BYTES });

Deno.test("both key agreements make the keys of RFC 7748", () => {
  for (const one of agreements) {
    const [alice, bob] = [one(ALICE.secretKey), one(BOB.secretKey)];
    assert.deepEqual(alice.publicKey, ALICE.publicKey);
    assert.deepEqual(bob.publicKey, BOB.publicKey);
    assert.deepEqual(alice.sharedSecret(BOB.publicKey), SHARED);
    assert.deepEqual(bob.sharedSecret(ALICE.publicKey), SHARED);
  }
});

Deno.test("the runtime's key agreement is in use where there is one", () => {
  assert.equal(keyAgreement, nativeAgreement ?? portableAgreement);
});

Deno.test("both key agreements make the same bytes, for any key that may come", () => {
  fc.assert(
    fc.property(secretKey, secretKey, (secretKey, theirPublicKey) => {
      const found = agreements.map((one) => {
        const pair = one(secretKey);
        return [pair.publicKey, pair.sharedSecret(theirPublicKey)];
      });
      for (const other of found) assert.deepEqual(other, found[0]);
    }),
    { numRuns: 30 },
  );
});

Deno.test("a public key of low order makes no secret", () => {
  const one = new Uint8Array(X25519_BYTES);
  one[0] = 1;
  for (const theirPublicKey of [new Uint8Array(X25519_BYTES), one]) {
    for (const agreement of agreements) {
      assert.equal(agreement(ALICE.secretKey).sharedSecret(theirPublicKey), undefined);
    }
  }
});
