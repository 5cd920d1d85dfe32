import { hkdfSync } from "node:crypto";

/**
 * HKDF-SHA256 (RFC 5869), extract and expand: `length` bytes. The runtime's own; three times as fast as the portable one, and
 * every handshake needs five.
 */
export function hkdf(
  secret: Uint8Array,
  { salt, info, length }: { readonly salt: Uint8Array; readonly info: Uint8Array; readonly length: number },
): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, info, length));
}
