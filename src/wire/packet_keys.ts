import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { hkdf } from "./hkdf.ts";
import { KEY_BYTES } from "./keys.ts";

/** Fresh random bytes of each process start. */
export const SALT_BYTES = 32;

const BOOT_LABEL = utf8ToBytes("knot packets of boot");
const HELLO_LABEL = utf8ToBytes("hello");
const PAIR_LABEL = utf8ToBytes("to");

/** The sealing keys of one process start: no two starts share one, so counters begin at 0 without repeating a nonce. */
export interface BootKeys {
  /** Seals packets to servers that may not know this boot yet. */
  readonly hello: Uint8Array;
  /** Source of a key for each receiver. */
  readonly root: Uint8Array;
}

/** @param datagramKey of the cluster */
export function deriveBootKeys(
  datagramKey: Uint8Array,
  { salt, boot }: { readonly salt: Uint8Array; readonly boot: Uint8Array },
): BootKeys {
  const root = hkdf(datagramKey, { salt, info: concatBytes(BOOT_LABEL, boot), length: KEY_BYTES });
  return { root, hello: hmac(sha256, root, HELLO_LABEL) };
}

/**
 * The key of packets from one boot to another. A packet recorded on its way to one server is thereby worthless at another,
 * which might take it for the answer to its own question.
 */
export function derivePairKey({ root }: BootKeys, receiver: Uint8Array): Uint8Array {
  return hmac(sha256, root, concatBytes(PAIR_LABEL, receiver));
}
