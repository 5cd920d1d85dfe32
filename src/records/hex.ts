const DIGITS = new TextEncoder().encode("0123456789abcdef");

/** Lower-case hex digits of `bytes`, two for each. Made at once: a text that grew by pieces keeps them all in memory. */
export function hexOfBytes(bytes: Uint8Array): string {
  const digits = new Array<number>(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    digits[2 * i] = DIGITS[bytes[i] >> 4];
    digits[2 * i + 1] = DIGITS[bytes[i] & 0xf];
  }
  return String.fromCharCode.apply(undefined, digits);
}

/** Bytes of `hex`, which the caller knows to be lower-case hex digits, an even number of them. */
export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = digit(hex, 2 * i) << 4 | digit(hex, 2 * i + 1);
  return bytes;
}

function digit(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  return code < 0x3a ? code - 0x30 : code - 0x57; // "0" is 0x30, "a" is 0x61.
}
