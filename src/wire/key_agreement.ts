import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { x25519 } from "@noble/curves/ed25519.js";
import { concatBytes } from "@noble/hashes/utils.js";

/** Bytes of a secret key, a public key and a shared secret alike. */
export const X25519_BYTES = 32;

/** One side's X25519 key (RFC 7748). */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  /** Undefined when `theirPublicKey` is a point of low order, which only an attacker sends. */
  sharedSecret(theirPublicKey: Uint8Array): Uint8Array | undefined;
}

/** The key pair of a secret key of {@link X25519_BYTES}. */
export type KeyAgreement = (secretKey: Uint8Array) => KeyPair;

/** The reference, in plain TypeScript; the fallback where the runtime lacks the curve. */
export const portableAgreement: KeyAgreement = (secretKey) => ({
  publicKey: x25519.getPublicKey(secretKey),
  sharedSecret(theirPublicKey) {
    try {
      return x25519.getSharedSecret(secretKey, theirPublicKey);
    } catch {
      return undefined; // An all-zero result: it throws for nothing else with 32-byte keys.
    }
  },
});

/** DER around a raw key (RFC 8410 §7 and §4): the runtime's interface takes nothing barer. */
const PKCS8_START = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);
const SPKI_START = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0);

const opensslAgreement: KeyAgreement = (secretKey) => {
  const privateKey = createPrivateKey({
    key: Buffer.from(concatBytes(PKCS8_START, secretKey)),
    format: "der",
    type: "pkcs8",
  });
  // The types leave out that a private key object is taken, and gives its public half.
  const publicHalf = createPublicKey(privateKey as unknown as Parameters<typeof createPublicKey>[0]);
  return {
    publicKey: new Uint8Array(publicHalf.export({ format: "der", type: "spki" })).slice(SPKI_START.length),
    sharedSecret(theirPublicKey) {
      try {
        const spki = Buffer.from(concatBytes(SPKI_START, theirPublicKey));
        const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
        return new Uint8Array(diffieHellman({ privateKey, publicKey }));
      } catch {
        return undefined;
      }
    },
  };
};

/** The runtime's own, ten times faster; undefined where there is none or it makes other bytes. */
export const nativeAgreement: KeyAgreement | undefined = agreesWithReference(opensslAgreement)
  ? opensslAgreement
  : undefined;

/** The key agreement in use. */
export const keyAgreement: KeyAgreement = nativeAgreement ?? portableAgreement;

function agreesWithReference(candidate: KeyAgreement): boolean {
  const secretKey = new Uint8Array(X25519_BYTES).fill(7);
  const theirPublicKey = portableAgreement(new Uint8Array(X25519_BYTES).fill(9)).publicKey;
  const reference = portableAgreement(secretKey);
  const expected = [...reference.publicKey, ...reference.sharedSecret(theirPublicKey)!];
  try {
    const pair = candidate(secretKey);
    const found = [...pair.publicKey, ...(pair.sharedSecret(theirPublicKey) ?? [])];
    return found.length === expected.length && found.every((byte, at) => byte === expected[at]);
  } catch {
    return false;
  }
}
