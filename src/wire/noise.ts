import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { assert, type Entropy } from "../base/mod.ts";
import { cipher, NONCE_BYTES, TAG_BYTES } from "./cipher.ts";
import { hkdf } from "./hkdf.ts";
import { keyAgreement, type KeyPair, X25519_BYTES } from "./key_agreement.ts";

/**
 * `NNpsk0`: both sides send an ephemeral key and have the same pre-shared key. Forward secret: the pre-shared key opens
 * nothing of the past.
 */
export const NOISE_PROTOCOL = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";
/** Largest Noise message in bytes (§3). */
export const NOISE_MESSAGE_BYTES_MAX = 65_535;
/** Bytes of a handshake message beside its payload. */
export const HANDSHAKE_OVERHEAD_BYTES = X25519_BYTES + TAG_BYTES;
/** Messages under one key. Noise allows 2^64; numbers are exact below 2^53, and at a million a second this takes nine years. */
export const NOISE_MESSAGES_MAX = 2 ** 48;

const HASH_BYTES = 32;
const EMPTY: Uint8Array = new Uint8Array();

/** A stream has sent all messages that its key allows: close it and open another. */
export class NonceExhaustedError extends Error {
  override readonly name = "NonceExhaustedError";
}

/** One direction after the handshake (§5.1). */
export class NoiseCipher {
  readonly #key: Uint8Array;
  readonly #messagesMax: number;
  #counter = 0;

  constructor(key: Uint8Array, messagesMax = NOISE_MESSAGES_MAX) {
    this.#key = key;
    this.#messagesMax = messagesMax;
  }

  /**
   * Writes `plaintext.length + TAG_BYTES` bytes to the start of `output`.
   *
   * @throws {NonceExhaustedError}
   */
  seal(plaintext: Uint8Array, output: Uint8Array, associated = EMPTY): void {
    if (this.#counter >= this.#messagesMax) {
      throw new NonceExhaustedError(
        `Cannot seal: ${this.#messagesMax} messages were sent on this stream; open another`,
      );
    }
    cipher.seal({ key: this.#key, nonce: nonceOf(this.#counter++), associated }, plaintext, output);
  }

  /** The plaintext; undefined when it is not authentic, or not the next one. */
  open(box: Uint8Array, associated = EMPTY): Uint8Array | undefined {
    if (this.#counter >= this.#messagesMax) return undefined;
    const plaintext = cipher.open({ key: this.#key, nonce: nonceOf(this.#counter), associated }, box);
    if (plaintext !== undefined) this.#counter++;
    return plaintext;
  }
}

/** What a finished handshake gives. */
export interface NoiseTransport {
  readonly send: NoiseCipher;
  readonly receive: NoiseCipher;
  /** The same on both sides, and on no other stream (§11.2). */
  readonly handshakeHash: Uint8Array;
}

/** Who speaks first. */
export type NoiseRole = "initiator" | "responder";

/**
 * The handshake of {@link NOISE_PROTOCOL} (The Noise Protocol Framework, revision 34): `-> psk, e` and `<- e, ee`. The
 * initiator calls `write`, then `read`; the responder the other way round; then both `split`.
 */
export class NoiseHandshake {
  readonly #role: NoiseRole;
  readonly #secretKey: Uint8Array;
  /** Made by `write`: whoever reads first gets no work from a stranger. */
  #ours: KeyPair | undefined;
  #theirs: Uint8Array | undefined;
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #cipher: NoiseCipher;

  /** @param prologue that both sides must have seen alike */
  constructor(
    { role, psk, prologue, entropy }: {
      readonly role: NoiseRole;
      readonly psk: Uint8Array;
      readonly prologue: Uint8Array;
      readonly entropy: Entropy;
    },
  ) {
    this.#role = role;
    this.#secretKey = entropy(X25519_BYTES);
    this.#hash = sha256(utf8ToBytes(NOISE_PROTOCOL)); // The name is longer than a hash, so it is hashed (§5.2).
    this.#chainingKey = this.#hash;
    this.#mixHash(prologue);
    this.#cipher = this.#mixKeyAndHash(psk);
  }

  /** Our handshake message, {@link HANDSHAKE_OVERHEAD_BYTES} longer than its payload. */
  write(payload = EMPTY): Uint8Array {
    const message = new Uint8Array(HANDSHAKE_OVERHEAD_BYTES + payload.length);
    this.#ours = keyAgreement(this.#secretKey);
    message.set(this.#ours.publicKey);
    this.#mixPublicKey(message.slice(0, X25519_BYTES));
    if (this.#role === "responder") {
      assert(this.#mixShared(), "Cannot answer handshake: its first message was not read");
    }
    const box = message.subarray(X25519_BYTES);
    this.#cipher.seal(payload, box, this.#hash);
    this.#mixHash(box);
    return message;
  }

  /** The payload of the other's handshake message; undefined when it does not have our key. */
  read(message: Uint8Array): Uint8Array | undefined {
    if (message.length < HANDSHAKE_OVERHEAD_BYTES) return undefined;
    this.#theirs = message.slice(0, X25519_BYTES);
    this.#mixPublicKey(this.#theirs);
    if (this.#role === "initiator" && !this.#mixShared()) return undefined;
    const box = message.subarray(X25519_BYTES);
    const payload = this.#cipher.open(box, this.#hash);
    if (payload !== undefined) this.#mixHash(box);
    return payload;
  }

  /** The ciphers of both directions, after both messages (§5.2). */
  split(messagesMax?: number): NoiseTransport {
    const [first, second] = derive(this.#chainingKey, EMPTY, 2).map((key) => new NoiseCipher(key, messagesMax));
    const [send, receive] = this.#role === "initiator" ? [first, second] : [second, first];
    return { send, receive, handshakeHash: this.#hash };
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = sha256(concatBytes(this.#hash, data));
  }

  #mixKeyAndHash(psk: Uint8Array): NoiseCipher {
    const [chainingKey, hash, key] = derive(this.#chainingKey, psk, 3);
    this.#chainingKey = chainingKey;
    this.#mixHash(hash);
    return new NoiseCipher(key);
  }

  #mixKey(secret: Uint8Array): NoiseCipher {
    const [chainingKey, key] = derive(this.#chainingKey, secret, 2);
    this.#chainingKey = chainingKey;
    return new NoiseCipher(key);
  }

  /** `e`: in patterns with a pre-shared key it is mixed into the key too (§9.2). */
  #mixPublicKey(publicKey: Uint8Array): void {
    this.#mixHash(publicKey);
    this.#cipher = this.#mixKey(publicKey);
  }

  /** `ee`; false when their key is one that makes no secret. */
  #mixShared(): boolean {
    if (this.#theirs === undefined || this.#ours === undefined) return false;
    const secret = this.#ours.sharedSecret(this.#theirs);
    if (secret !== undefined) this.#cipher = this.#mixKey(secret);
    return secret !== undefined;
  }
}

/** HKDF as Noise has it (§4.3): RFC 5869 with the chaining key as salt and no info. */
function derive(chainingKey: Uint8Array, input: Uint8Array, count: 2 | 3): Uint8Array[] {
  const bytes = hkdf(input, { salt: chainingKey, info: EMPTY, length: count * HASH_BYTES });
  return Array.from({ length: count }, (_, at) => bytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}

/** One for all: a cipher has read it when it returns. */
const nonce = new Uint8Array(NONCE_BYTES);

/** Four zero bytes and the counter, little-endian (§12.3); until the next one is asked for. */
function nonceOf(counter: number): Uint8Array {
  const high = Math.floor(counter / 2 ** 32);
  for (let i = 0; i < 4; i++) {
    nonce[4 + i] = counter >>> 8 * i;
    nonce[8 + i] = high >>> 8 * i;
  }
  return nonce;
}
