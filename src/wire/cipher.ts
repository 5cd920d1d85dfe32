import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";

/** Bytes that sealing adds: the Poly1305 tag. */
export const TAG_BYTES = 16;
/** Bytes of a nonce. */
export const NONCE_BYTES = 12;

/** What a box is sealed under, beside its plaintext. A nonce never repeats under one key. */
export interface SealContext {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  /** Sent in clear beside the box, authenticated with it. */
  readonly associated: Uint8Array;
}

/** ChaCha20-Poly1305 (RFC 8439). */
export interface Cipher {
  /** Writes ciphertext and tag, `plaintext.length + TAG_BYTES` bytes, to the start of `output`. */
  seal(context: SealContext, plaintext: Uint8Array, output: Uint8Array): void;
  /** The plaintext; undefined when the box is not authentic. */
  open(context: SealContext, box: Uint8Array): Uint8Array | undefined;
}

/** The reference, in plain TypeScript; the fallback where the runtime lacks the cipher. */
export const portableCipher: Cipher = {
  seal({ key, nonce, associated }, plaintext, output) {
    chacha20poly1305(key, nonce, associated).encrypt(plaintext, output.subarray(0, plaintext.length + TAG_BYTES));
  },
  open({ key, nonce, associated }, box) {
    if (box.length < TAG_BYTES) return undefined;
    try {
      return chacha20poly1305(key, nonce, associated).decrypt(box);
    } catch {
      return undefined; // The tag is wrong: it throws for nothing else with sizes that we chose.
    }
  },
};

const OPTIONS = { authTagLength: TAG_BYTES };

const opensslCipher: Cipher = {
  seal({ key, nonce, associated }, plaintext, output) {
    const cipher = createCipheriv("chacha20-poly1305", key, nonce, OPTIONS);
    cipher.setAAD(associated, { plaintextLength: plaintext.length });
    output.set(cipher.update(plaintext), 0);
    cipher.final();
    output.set(cipher.getAuthTag(), plaintext.length);
  },
  open({ key, nonce, associated }, box) {
    if (box.length < TAG_BYTES) return undefined;
    const plaintextLength = box.length - TAG_BYTES;
    try {
      const decipher = createDecipheriv("chacha20-poly1305", key, nonce, OPTIONS);
      decipher.setAAD(associated, { plaintextLength });
      decipher.setAuthTag(Buffer.from(box.buffer, box.byteOffset + plaintextLength, TAG_BYTES));
      const plaintext = decipher.update(box.subarray(0, plaintextLength));
      decipher.final();
      return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintextLength);
    } catch {
      return undefined;
    }
  },
};

/** The runtime's own cipher, several times faster; undefined where there is none or it makes other bytes. */
export const nativeCipher: Cipher | undefined = agreesWithReference(opensslCipher) ? opensslCipher : undefined;

/** The cipher in use. */
export const cipher: Cipher = nativeCipher ?? portableCipher;

function agreesWithReference(candidate: Cipher): boolean {
  const context = {
    key: new Uint8Array(32).fill(1),
    nonce: new Uint8Array(NONCE_BYTES).fill(2),
    associated: new Uint8Array(5).fill(3),
  };
  const plaintext = new Uint8Array(100).fill(4);
  const expected = new Uint8Array(plaintext.length + TAG_BYTES);
  const found = new Uint8Array(plaintext.length + TAG_BYTES);
  portableCipher.seal(context, plaintext, expected);
  try {
    candidate.seal(context, plaintext, found); // Throws where the runtime was built without it.
  } catch {
    return false;
  }
  if (!found.every((byte, at) => byte === expected[at])) return false;
  found[0] ^= 1;
  return candidate.open(context, expected) !== undefined && candidate.open(context, found) === undefined;
}
