import { createHash } from "node:crypto";

/** Strong entity tag of `bytes`: 16 hex digits of their SHA-256, in quotes (RFC 9110 §8.8.3). */
export function etagOf(bytes: Uint8Array): string {
  return `"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`;
}
