const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hex digits of `bytes`, two for each. */
export function hexOfBytes(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += HEX_OF_BYTE[bytes[i]];
  return text;
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
