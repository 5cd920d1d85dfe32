import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { Buffer } from "node:buffer";
import { hkdfSync } from "node:crypto";
import type { Entropy } from "../base/mod.ts";

/** Reversible sealing of stored secrets under `server.encrypt`; without a key they are stored as they are. */
export interface Sealer {
  seal(text: string): string;
  /** Undefined when it was sealed under another key, or changed since. */
  open(stored: string): string | undefined;
}

const SEALED = "sealed:1:";
/** Marks an unsealed text that happens to begin like a sealed one. */
const PLAIN = "plain:1:";
/** XChaCha20's nonce is long enough to be drawn at random (draft-irtf-cfrg-xchacha §3.1). */
const NONCE_BYTES = 24;

/** A sealer for the configured key; "" seals nothing and cannot open what another server sealed. */
export function createSealer(encrypt: string, entropy: Entropy): Sealer {
  const key = encrypt === "" ? undefined : new Uint8Array(hkdfSync("sha256", encrypt, "", "knot stored secret", 32));
  return {
    seal(text) {
      if (text === "") return ""; // Nothing to hide, and "no secret" stays readable to every server.
      if (!key) return text.startsWith(SEALED) || text.startsWith(PLAIN) ? PLAIN + text : text;
      const nonce = entropy(NONCE_BYTES);
      const sealed = xchacha20poly1305(key, nonce).encrypt(new TextEncoder().encode(text));
      return SEALED + Buffer.concat([nonce, sealed]).toString("base64");
    },
    open(stored) {
      if (stored.startsWith(PLAIN)) return stored.slice(PLAIN.length);
      if (!stored.startsWith(SEALED)) return stored;
      if (!key) return undefined;
      const bytes = new Uint8Array(Buffer.from(stored.slice(SEALED.length), "base64"));
      if (bytes.length < NONCE_BYTES) return undefined;
      try {
        const opened = xchacha20poly1305(key, bytes.subarray(0, NONCE_BYTES)).decrypt(bytes.subarray(NONCE_BYTES));
        return new TextDecoder().decode(opened);
      } catch {
        return undefined;
      }
    },
  };
}
