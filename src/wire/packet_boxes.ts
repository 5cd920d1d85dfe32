import { freshBytes } from "../base/mod.ts";
import { cipher, NONCE_BYTES, TAG_BYTES } from "./cipher.ts";
import { type Hello, HELLO_BODY_BYTES, HINT_BYTES, readHello, writeHello } from "./hello.ts";
import {
  COUNTER_BYTES,
  HEADER_BYTES,
  PACKET_BYTES_MAX,
  type PacketHeader,
  writeCounter,
  writeHeader,
} from "./packet_header.ts";
import { type BootKeys, SALT_BYTES } from "./packet_keys.ts";

/** Where the parts of the two forms end: a hello is header, salt and box; a sealed packet header, receiver's hint and box. */
const SALT_END = HEADER_BYTES + SALT_BYTES;
const HINT_END = HEADER_BYTES + HINT_BYTES;

/** Bytes that a packet between two who know each other adds to its payload. */
export const PACKET_OVERHEAD_BYTES = HINT_END + TAG_BYTES;
/** Bytes of a hello without payload. */
export const HELLO_BYTES = SALT_END + HELLO_BODY_BYTES + TAG_BYTES;
/** Largest payload of a packet: it must fit a hello too, since the caller does not know which it will be. */
export const PACKET_PAYLOAD_BYTES_MAX = PACKET_BYTES_MAX - HELLO_BYTES;

/** What every packet of this process says of it. */
export interface OwnBoot {
  readonly keyId: Uint8Array;
  readonly boot: Uint8Array;
  readonly salt: Uint8Array;
  readonly keys: BootKeys;
}

/** A hello of ours. No counter is used twice. */
export function boxHello({ keyId, boot, salt, keys }: OwnBoot, counter: number, hello: Hello): Uint8Array {
  const plaintext = writeHello(hello);
  const packet = freshBytes(SALT_END + plaintext.length + TAG_BYTES);
  writeHeader(packet, { form: "hello", keyId, boot, counter });
  packet.set(salt, HEADER_BYTES);
  const context = { key: keys.hello, nonce: nonceOf(counter), associated: packet.subarray(0, SALT_END) };
  cipher.seal(context, plaintext, packet.subarray(SALT_END));
  return packet;
}

/** The salt of a hello of at least {@link HELLO_BYTES}. */
export function saltOf(datagram: Uint8Array): Uint8Array {
  return datagram.subarray(HEADER_BYTES, SALT_END);
}

/** What a hello says; undefined when it is not authentic under its sender's keys. */
export function unboxHello(keys: BootKeys, { counter }: PacketHeader, datagram: Uint8Array): Hello | undefined {
  const context = { key: keys.hello, nonce: nonceOf(counter), associated: datagram.subarray(0, SALT_END) };
  const plaintext = cipher.open(context, datagram.subarray(SALT_END));
  return plaintext && readHello(plaintext);
}

/** A packet of ours for one receiver. No counter is used twice under one key. */
export function boxPayload(
  { keyId, boot }: OwnBoot,
  { key, receiver, counter }: { readonly key: Uint8Array; readonly receiver: Uint8Array; readonly counter: number },
  payload: Uint8Array,
): Uint8Array {
  const packet = freshBytes(payload.length + PACKET_OVERHEAD_BYTES);
  writeHeader(packet, { form: "sealed", keyId, boot, counter });
  packet.set(hintOf(receiver), HEADER_BYTES);
  cipher.seal(
    { key, nonce: nonceOf(counter), associated: packet.subarray(0, HINT_END) },
    payload,
    packet.subarray(HINT_END),
  );
  return packet;
}

/** By what a boot is named as a receiver. */
export function hintOf(boot: Uint8Array): Uint8Array {
  return boot.subarray(0, HINT_BYTES);
}

/** For whom a sealed packet of at least {@link PACKET_OVERHEAD_BYTES} says it is. */
export function receiverHintOf(datagram: Uint8Array): Uint8Array {
  return datagram.subarray(HEADER_BYTES, HINT_END);
}

/** The payload of a sealed packet; undefined when it is not authentic under the key of its sender for us. */
export function unboxPayload(key: Uint8Array, { counter }: PacketHeader, datagram: Uint8Array): Uint8Array | undefined {
  const context = { key, nonce: nonceOf(counter), associated: datagram.subarray(0, HINT_END) };
  return cipher.open(context, datagram.subarray(HINT_END));
}

/** One for all: a cipher has read it when it returns. */
const nonce = new Uint8Array(NONCE_BYTES);

/** The nonce of a packet, until the next one is asked for. */
function nonceOf(counter: number): Uint8Array {
  writeCounter(nonce, NONCE_BYTES - COUNTER_BYTES, counter);
  return nonce;
}
