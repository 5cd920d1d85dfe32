import { KEY_ID_BYTES } from "./keys.ts";
import { PROTOCOL_MAX, PROTOCOL_MIN, type ProtocolRange } from "./protocol.ts";

/**
 * A packet on the network, never more bytes than this: IPv6 carries 1,280 everywhere (RFC 8200 §5), also inside mesh
 * networks, and 48 go to the IPv6 and UDP headers; the rest is room for one more wrapping.
 */
export const PACKET_BYTES_MAX = 1200;
/** Bytes of a boot id: 16 hex digits. */
export const BOOT_BYTES = 8;
/** Counters stay below 2^48. A sender that never stops, at a million packets a second, takes nine years. */
export const COUNTER_MAX = 2 ** 48 - 1;

/** `hello`: says who we are, and proves it anew. `sealed`: between two who know each other. */
export type PacketForm = "hello" | "sealed";

/**
 * What stands in clear before every packet, authenticated with it. Final: newer versions change what follows it.
 *
 * | bytes | |
 * |---|---|
 * | 0–2 | `kn` 0x01, which no protocol that is spoken over UDP begins with |
 * | 3, 4 | least and greatest protocol version of the sender |
 * | 5 | form: 1 hello, 2 sealed |
 * | 6–9 | id of the cluster key |
 * | 10–17 | boot id of the sender |
 * | 18–23 | counter, big-endian: the nonce |
 */
export interface PacketHeader extends ProtocolRange {
  /** Undefined for a form of a newer version. */
  readonly form: PacketForm | undefined;
  readonly keyId: Uint8Array;
  readonly boot: Uint8Array;
  readonly counter: number;
}

/** Bytes of the header. */
export const HEADER_BYTES = 24;

const MAGIC = [0x6b, 0x6e, 0x01];
const FORM_CODES: Readonly<Record<PacketForm, number>> = { hello: 1, sealed: 2 };

/** Writes the header of our own packet to the start of `packet`. */
export function writeHeader(
  packet: Uint8Array,
  header: Omit<PacketHeader, keyof ProtocolRange> & { form: PacketForm },
) {
  packet.set(MAGIC, 0);
  packet[3] = PROTOCOL_MIN;
  packet[4] = PROTOCOL_MAX;
  packet[5] = FORM_CODES[header.form];
  packet.set(header.keyId, 6);
  packet.set(header.boot, 10);
  writeCounter(packet, 18, header.counter);
}

/** The header of a packet; undefined when it is no packet of ours, of any version. */
export function readHeader(packet: Uint8Array): PacketHeader | undefined {
  if (packet.length < HEADER_BYTES || packet.length > PACKET_BYTES_MAX) return undefined;
  if (MAGIC.some((byte, at) => packet[at] !== byte)) return undefined;
  const [protocolMin, protocolMax] = [packet[3], packet[4]];
  if (protocolMin === 0 || protocolMax < protocolMin) return undefined;
  return {
    protocolMin,
    protocolMax,
    form: packet[5] === FORM_CODES.hello ? "hello" : packet[5] === FORM_CODES.sealed ? "sealed" : undefined,
    keyId: packet.subarray(6, 6 + KEY_ID_BYTES),
    boot: packet.subarray(10, 10 + BOOT_BYTES),
    counter: readCounter(packet, 18),
  };
}

/** Bytes of a counter. */
export const COUNTER_BYTES = 6;

/** Writes 48 bits, big-endian. */
export function writeCounter(bytes: Uint8Array, at: number, counter: number): void {
  const high = Math.floor(counter / 2 ** 32); // Shifts end at 32 bits. A DataView for each packet would cost more than this.
  bytes[at] = high >>> 8;
  bytes[at + 1] = high;
  bytes[at + 2] = counter >>> 24;
  bytes[at + 3] = counter >>> 16;
  bytes[at + 4] = counter >>> 8;
  bytes[at + 5] = counter;
}

/** Reads what {@link writeCounter} wrote. */
export function readCounter(bytes: Uint8Array, at: number): number {
  const high = bytes[at] << 8 | bytes[at + 1];
  const low = (bytes[at + 2] << 24 | bytes[at + 3] << 16 | bytes[at + 4] << 8 | bytes[at + 5]) >>> 0;
  return high * 2 ** 32 + low;
}
