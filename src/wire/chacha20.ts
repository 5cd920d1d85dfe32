/**
 * ChaCha20 (RFC 8439 §2.3, §2.4) without memory of its own for each message: state and stream are one set for all, since nothing
 * here waits or calls back. Its steps do not depend on what it works on.
 */

const BLOCK_BYTES = 64;
const BLOCK_WORDS = BLOCK_BYTES / 4;

/** "expand 32-byte k". */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

const state = new Int32Array(BLOCK_WORDS);
const stream = new Int32Array(BLOCK_WORDS);
/** In the order of the machine, which is little-endian on all that the runtime is made for. */
const streamBytes = new Uint8Array(stream.buffer);

/** Four bytes, little-endian. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
}

/** Begins with a key of 32 bytes and a nonce of 12. */
export function beginStream(key: Uint8Array, nonce: Uint8Array): void {
  for (let i = 0; i < 4; i++) state[i] = CONSTANTS[i];
  for (let i = 0; i < 8; i++) state[4 + i] = wordAt(key, 4 * i);
  for (let i = 0; i < 3; i++) state[13 + i] = wordAt(nonce, 4 * i);
}

/** The first 32 bytes of block 0, of which a one-time key is made (§2.6); valid until the next call. */
export function oneTimeKey(): Uint8Array {
  makeBlock(0);
  return oneTimeKeyBytes;
}

const oneTimeKeyBytes = streamBytes.subarray(0, 32);

/** Encrypts, or decrypts, the first `length` bytes of `input` with the stream from block 1 on. */
export function applyStream(input: Uint8Array, length: number, output: Uint8Array): void {
  for (let at = 0, counter = 1; at < length; at += BLOCK_BYTES, counter++) {
    makeBlock(counter);
    const count = Math.min(BLOCK_BYTES, length - at);
    for (let i = 0; i < count; i++) output[at + i] = input[at + i] ^ streamBytes[i];
  }
}

/** Fills `stream` with the block of `counter`. */
function makeBlock(counter: number): void {
  state[12] = counter;
  let a0 = state[0], a1 = state[1], a2 = state[2], a3 = state[3];
  let b0 = state[4], b1 = state[5], b2 = state[6], b3 = state[7];
  let c0 = state[8], c1 = state[9], c2 = state[10], c3 = state[11];
  let d0 = state[12], d1 = state[13], d2 = state[14], d3 = state[15];
  for (let round = 0; round < 20; round += 2) {
    a0 = a0 + b0 | 0, d0 ^= a0, d0 = d0 << 16 | d0 >>> 16, c0 = c0 + d0 | 0, b0 ^= c0, b0 = b0 << 12 | b0 >>> 20;
    a0 = a0 + b0 | 0, d0 ^= a0, d0 = d0 << 8 | d0 >>> 24, c0 = c0 + d0 | 0, b0 ^= c0, b0 = b0 << 7 | b0 >>> 25;
    a1 = a1 + b1 | 0, d1 ^= a1, d1 = d1 << 16 | d1 >>> 16, c1 = c1 + d1 | 0, b1 ^= c1, b1 = b1 << 12 | b1 >>> 20;
    a1 = a1 + b1 | 0, d1 ^= a1, d1 = d1 << 8 | d1 >>> 24, c1 = c1 + d1 | 0, b1 ^= c1, b1 = b1 << 7 | b1 >>> 25;
    a2 = a2 + b2 | 0, d2 ^= a2, d2 = d2 << 16 | d2 >>> 16, c2 = c2 + d2 | 0, b2 ^= c2, b2 = b2 << 12 | b2 >>> 20;
    a2 = a2 + b2 | 0, d2 ^= a2, d2 = d2 << 8 | d2 >>> 24, c2 = c2 + d2 | 0, b2 ^= c2, b2 = b2 << 7 | b2 >>> 25;
    a3 = a3 + b3 | 0, d3 ^= a3, d3 = d3 << 16 | d3 >>> 16, c3 = c3 + d3 | 0, b3 ^= c3, b3 = b3 << 12 | b3 >>> 20;
    a3 = a3 + b3 | 0, d3 ^= a3, d3 = d3 << 8 | d3 >>> 24, c3 = c3 + d3 | 0, b3 ^= c3, b3 = b3 << 7 | b3 >>> 25;
    a0 = a0 + b1 | 0, d3 ^= a0, d3 = d3 << 16 | d3 >>> 16, c2 = c2 + d3 | 0, b1 ^= c2, b1 = b1 << 12 | b1 >>> 20;
    a0 = a0 + b1 | 0, d3 ^= a0, d3 = d3 << 8 | d3 >>> 24, c2 = c2 + d3 | 0, b1 ^= c2, b1 = b1 << 7 | b1 >>> 25;
    a1 = a1 + b2 | 0, d0 ^= a1, d0 = d0 << 16 | d0 >>> 16, c3 = c3 + d0 | 0, b2 ^= c3, b2 = b2 << 12 | b2 >>> 20;
    a1 = a1 + b2 | 0, d0 ^= a1, d0 = d0 << 8 | d0 >>> 24, c3 = c3 + d0 | 0, b2 ^= c3, b2 = b2 << 7 | b2 >>> 25;
    a2 = a2 + b3 | 0, d1 ^= a2, d1 = d1 << 16 | d1 >>> 16, c0 = c0 + d1 | 0, b3 ^= c0, b3 = b3 << 12 | b3 >>> 20;
    a2 = a2 + b3 | 0, d1 ^= a2, d1 = d1 << 8 | d1 >>> 24, c0 = c0 + d1 | 0, b3 ^= c0, b3 = b3 << 7 | b3 >>> 25;
    a3 = a3 + b0 | 0, d2 ^= a3, d2 = d2 << 16 | d2 >>> 16, c1 = c1 + d2 | 0, b0 ^= c1, b0 = b0 << 12 | b0 >>> 20;
    a3 = a3 + b0 | 0, d2 ^= a3, d2 = d2 << 8 | d2 >>> 24, c1 = c1 + d2 | 0, b0 ^= c1, b0 = b0 << 7 | b0 >>> 25;
  }
  stream[0] = state[0] + a0, stream[1] = state[1] + a1, stream[2] = state[2] + a2, stream[3] = state[3] + a3;
  stream[4] = state[4] + b0, stream[5] = state[5] + b1, stream[6] = state[6] + b2, stream[7] = state[7] + b3;
  stream[8] = state[8] + c0, stream[9] = state[9] + c1, stream[10] = state[10] + c2, stream[11] = state[11] + c3;
  stream[12] = state[12] + d0, stream[13] = state[13] + d1, stream[14] = state[14] + d2, stream[15] = state[15] + d3;
}
