import { freshBytes } from "../base/mod.ts";
import { BOOT_BYTES, COUNTER_BYTES, readCounter, writeCounter } from "./packet_header.ts";

/** Bytes of a nonce that asks a boot to prove that it runs now: it is answered once, within seconds. */
export const ASK_BYTES = 8;
/** Bytes of a boot id by which a sealed packet says for whom it is. */
export const HINT_BYTES = 4;

/** What a hello says under its seal. */
export interface Hello {
  /** The sender has our answer to its own nonce: it may send sealed packets, and takes them. */
  readonly knowsYou: boolean;
  /** Nonce for the receiver to answer. */
  readonly ask: Uint8Array;
  /** Answer to the receiver's nonce. */
  readonly echo: Uint8Array | undefined;
  /** The receiver got a packet that was sealed for this boot, which was there before it. */
  readonly missed: Uint8Array | undefined;
  /** Boot that it is meant for; undefined when the sender knows only an address. */
  readonly to: Uint8Array | undefined;
  /** Least counter of sealed packets that may still come from the sender to `to`. */
  readonly counterFrom: number;
  readonly payload: Uint8Array;
}

const ASK_AT = 1;
const ECHO_AT = ASK_AT + ASK_BYTES;
const TO_AT = ECHO_AT + ASK_BYTES;
const COUNTER_AT = TO_AT + BOOT_BYTES;
/** Bytes before the payload. Always all of them: a hello that asks is as long as its answer, so that neither is amplified. */
export const HELLO_BODY_BYTES = COUNTER_AT + COUNTER_BYTES;

const KNOWS_YOU = 1;
const HAS_ECHO = 2;
const HAS_MISSED = 4;
const HAS_TO = 8;

/** The plaintext of a hello: {@link HELLO_BODY_BYTES}, then the payload. */
export function writeHello(hello: Hello): Uint8Array {
  const bytes = freshBytes(HELLO_BODY_BYTES + hello.payload.length);
  bytes[0] = (hello.knowsYou ? KNOWS_YOU : 0) | (hello.echo ? HAS_ECHO : 0) | (hello.missed ? HAS_MISSED : 0) |
    (hello.to ? HAS_TO : 0);
  bytes.set(hello.ask, ASK_AT);
  bytes.set(hello.echo ?? hello.missed ?? [], ECHO_AT); // Who missed us does not know us, and has nothing to answer.
  bytes.set(hello.to ?? [], TO_AT);
  writeCounter(bytes, COUNTER_AT, hello.counterFrom);
  bytes.set(hello.payload, HELLO_BODY_BYTES);
  return bytes;
}

/** @param bytes authentic, so as long as {@link writeHello} made it; undefined when it is not even so */
export function readHello(bytes: Uint8Array): Hello | undefined {
  if (bytes.length < HELLO_BODY_BYTES) return undefined;
  const flags = bytes[0];
  const echo = bytes.subarray(ECHO_AT, TO_AT);
  return {
    knowsYou: (flags & KNOWS_YOU) !== 0,
    ask: bytes.subarray(ASK_AT, ECHO_AT),
    echo: flags & HAS_ECHO ? echo : undefined,
    missed: flags & HAS_MISSED ? echo.subarray(0, HINT_BYTES) : undefined,
    to: flags & HAS_TO ? bytes.subarray(TO_AT, COUNTER_AT) : undefined,
    counterFrom: readCounter(bytes, COUNTER_AT),
    payload: bytes.subarray(HELLO_BODY_BYTES),
  };
}
