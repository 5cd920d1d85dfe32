import { freshBytes } from "../base/mod.ts";
import { applyStream, beginStream, oneTimeKey } from "./chacha20.ts";
import type { Cipher } from "./cipher.ts";
import { addPadded, beginTag, finishTag, PART_BYTES } from "./poly1305.ts";

const lengths = new Uint8Array(PART_BYTES);

/**
 * ChaCha20-Poly1305 (RFC 8439 §2.8) for small boxes. Of a packet's few hundred bytes the runtime's own cipher spends most of its
 * time on objects; this one makes none.
 */
export const smallCipher: Cipher = {
  seal({ key, nonce, associated }, plaintext, output) {
    beginStream(key, nonce);
    const { length } = plaintext;
    applyStream(plaintext, length, output);
    const tag = tagOf(associated, output, length);
    for (let i = 0; i < PART_BYTES; i++) output[length + i] = tag[i];
  },
  open({ key, nonce, associated }, box) {
    const length = box.length - PART_BYTES;
    if (length < 0) return undefined;
    beginStream(key, nonce);
    const tag = tagOf(associated, box, length);
    let difference = 0; // A comparison that ends early would tell how much of a forged tag is right.
    for (let i = 0; i < PART_BYTES; i++) difference |= tag[i] ^ box[length + i];
    if (difference !== 0) return undefined;
    const plaintext = freshBytes(length);
    applyStream(box, length, plaintext);
    return plaintext;
  },
};

/** Over what goes in clear, the first `length` bytes of `box`, and both lengths. */
function tagOf(associated: Uint8Array, box: Uint8Array, length: number): Uint8Array {
  beginTag(oneTimeKey());
  addPadded(associated, associated.length);
  addPadded(box, length);
  for (let i = 0; i < 4; i++) {
    lengths[i] = associated.length >>> 8 * i;
    lengths[8 + i] = length >>> 8 * i;
  }
  addPadded(lengths, PART_BYTES);
  return finishTag();
}
