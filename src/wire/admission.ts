import { Buffer } from "node:buffer";
import { equalBytes } from "@noble/ciphers/utils.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Entropy } from "../base/mod.ts";
import { type ClusterKeys, KEY_ID_BYTES, type KeyRing, keysById } from "./keys.ts";
import { COUNTER_BYTES, readCounter, writeCounter } from "./packet_header.ts";

/** How long a challenge can be answered, in ms: one round trip, and a slow name server between. */
export const CHALLENGE_MS_MAX = 30_000;

const NONCE_BYTES = 16;
const MAC_BYTES = 16;
/** Expiry, nonce, and the MAC by which the server knows its own challenge again. */
const CHALLENGE_BYTES = COUNTER_BYTES + NONCE_BYTES + MAC_BYTES;
const PROOF_BYTES = KEY_ID_BYTES + MAC_BYTES;
const CHALLENGE_LABEL = utf8ToBytes("knot admission challenge");
const RESPONSE_LABEL = utf8ToBytes("knot admission response");

/** What a response is worth. `expired`: the key is right, the challenge is not one of ours that is still open. */
export type AdmissionVerdict = "accepted" | "other_key" | "expired" | "garbage";

/**
 * The proof of the cluster key before a websocket is opened, in texts that are HTTP tokens (RFC 9110 §5.6.2). The server
 * remembers nothing: its challenge carries its own expiry and MAC, under a secret of this process, so that what was
 * answered to one server is worthless at another. The handshake inside the stream proves the key again.
 */
export class ClusterAdmission {
  readonly #ring: KeyRing;
  readonly #entropy: Entropy;
  readonly #now: () => number;
  readonly #secret: Uint8Array;

  /** @param now milliseconds, monotonic or since the epoch */
  constructor(
    { keys, entropy, now }: { readonly keys: KeyRing; readonly entropy: Entropy; readonly now: () => number },
  ) {
    this.#ring = keys;
    this.#entropy = entropy;
    this.#now = now;
    this.#secret = entropy(32);
  }

  /** A fresh challenge, good for {@link CHALLENGE_MS_MAX}. */
  challenge(): string {
    const start = new Uint8Array(COUNTER_BYTES + NONCE_BYTES);
    writeCounter(start, 0, Math.floor(this.#now()) + CHALLENGE_MS_MAX);
    start.set(this.#entropy(NONCE_BYTES), COUNTER_BYTES);
    return tokenOf(concatBytes(start, this.#macOfChallenge(start)));
  }

  /** The proof that we hold the key we send with: the challenge, `.`, key id and MAC. */
  respond(challenge: string): string {
    const [keys] = this.#ring;
    return `${challenge}.${tokenOf(concatBytes(keys.id, macOfResponse(keys, challenge)))}`;
  }

  /** What a response to one of our challenges is worth. Never throws. */
  check(response: string): AdmissionVerdict {
    const [challenge, proofToken, ...more] = response.split(".", 3);
    const opened = bytesOf(challenge, CHALLENGE_BYTES);
    const proof = bytesOf(proofToken ?? "", PROOF_BYTES);
    if (opened === undefined || proof === undefined || more.length > 0) return "garbage";
    const keys = keysById(this.#ring, proof);
    if (keys === undefined) return "other_key";
    if (!equalBytes(proof.subarray(KEY_ID_BYTES), macOfResponse(keys, challenge))) return "garbage";
    const start = opened.subarray(0, COUNTER_BYTES + NONCE_BYTES);
    const isOurs = equalBytes(opened.subarray(start.length), this.#macOfChallenge(start));
    return isOurs && this.#now() <= readCounter(start, 0) ? "accepted" : "expired";
  }

  #macOfChallenge(start: Uint8Array): Uint8Array {
    return hmac(sha256, this.#secret, concatBytes(CHALLENGE_LABEL, start)).subarray(0, MAC_BYTES);
  }
}

function macOfResponse(keys: ClusterKeys, challenge: string): Uint8Array {
  return hmac(sha256, keys.admission, concatBytes(RESPONSE_LABEL, utf8ToBytes(challenge))).subarray(0, MAC_BYTES);
}

/** Base64url without padding: letters, digits, `-` and `_`. */
function tokenOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** The bytes of a token, `length` of them, written the one right way; undefined for any other text. */
function bytesOf(token: string, length: number): Uint8Array | undefined {
  if (token.length !== Math.ceil((length * 4) / 3)) return undefined;
  const bytes = new Uint8Array(Buffer.from(token, "base64url"));
  return bytes.length === length && tokenOf(bytes) === token ? bytes : undefined;
}
