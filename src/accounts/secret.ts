import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { Entropy } from "../base/mod.ts";

/** 256 random bits: nothing to guess, so that a plain hash is enough to store. */
const SECRET_BYTES = 32;

/** Bearer values longer than this are nobody's: not hashed at all. */
const SECRET_CHARACTERS_MAX = 256;

/** A fresh secret for a session, a token or the setup link: 43 characters of base64url. */
export function newSecret(entropy: Entropy): string {
  return Buffer.from(entropy(SECRET_BYTES)).toString("base64url");
}

/** What is stored in place of a secret, and looked up by: SHA-256 in hex; undefined for what cannot be one. */
export function secretHash(secret: string): string | undefined {
  if (secret === "" || secret.length > SECRET_CHARACTERS_MAX) return undefined;
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares two secrets of any length in constant time. */
export function secretsEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
