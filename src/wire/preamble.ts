import { bytesToHex } from "@noble/hashes/utils.js";
import type { BootId } from "../cluster/mod.ts";
import { KEY_ID_BYTES } from "./keys.ts";
import { BOOT_BYTES } from "./packet_header.ts";
import { PROTOCOL_MAX, PROTOCOL_MIN, type ProtocolRange } from "./protocol.ts";

/**
 * What both sides of a stream send in clear before anything else; the handshake authenticates it. Final: newer versions
 * change what follows it.
 *
 * | bytes | |
 * |---|---|
 * | 0–2 | `kn` 0x02 |
 * | 3, 4 | least and greatest protocol version of the sender |
 * | 5–8 | id of the cluster key |
 * | 9–16 | boot id of the sender |
 */
export interface Preamble extends ProtocolRange {
  readonly keyId: Uint8Array;
  readonly bootId: BootId;
}

const MAGIC = [0x6b, 0x6e, 0x02];
const KEY_ID_AT = 5;
const BOOT_AT = KEY_ID_AT + KEY_ID_BYTES;

/** Bytes of a preamble. */
export const PREAMBLE_BYTES = BOOT_AT + BOOT_BYTES;

/** Our own preamble. */
export function writePreamble({ keyId, boot }: { readonly keyId: Uint8Array; readonly boot: Uint8Array }): Uint8Array {
  return Uint8Array.of(...MAGIC, PROTOCOL_MIN, PROTOCOL_MAX, ...keyId, ...boot);
}

/** False as soon as the first bytes of a stream cannot become a preamble. */
export function startsLikePreamble(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => at >= bytes.length || bytes[at] === byte);
}

/** @param bytes {@link PREAMBLE_BYTES} of them; undefined when they are no preamble of ours, of any version */
export function readPreamble(bytes: Uint8Array): Preamble | undefined {
  const [protocolMin, protocolMax] = [bytes[3], bytes[4]];
  if (!startsLikePreamble(bytes) || protocolMin === 0 || protocolMax < protocolMin) return undefined;
  return {
    protocolMin,
    protocolMax,
    keyId: bytes.slice(KEY_ID_AT, BOOT_AT),
    bootId: bytesToHex(bytes.subarray(BOOT_AT, PREAMBLE_BYTES)),
  };
}
