import { deflateRawSync, inflateRawSync } from "node:zlib";
import { Inflate, inflateSync } from "fflate";
import { freshBytes } from "../base/mod.ts";
import { WireFormatError } from "./wire_format_error.ts";

/** Messages below this stay as they are: deflate gains little on them and costs far more than sealing. */
export const COMPRESSION_BYTES_MIN = 4_096;
/**
 * Most bytes that one compressed byte may become, both ways. Deflate reaches 1,032; texts and records stay far below this, and
 * what would be above it is sent as it is.
 */
export const COMPRESSION_RATIO_MAX = 200;

/** Form byte that leads a packed message. Then the message itself, or its length in four bytes and its deflate stream. */
const PLAIN = 0;
const DEFLATED = 1;
const FORM_BYTES = 1;
const DEFLATED_AT = FORM_BYTES + 4;

/** Bytes that packing adds at most. */
export const PACKING_BYTES_MAX = FORM_BYTES;

/** From this size on a sample is tried first, and a faster level used: the thread is held for as long as deflate runs. */
const LARGE_BYTES_MIN = 64 * 1024;
const LEVEL = 6;
const LEVEL_LARGE = 4;
const LEVEL_SAMPLE = 1;
const SAMPLE_BYTES = 16 * 1024;
/** A sample that shrinks less than this is of sealed or compressed things. */
const SAMPLE_GAIN_MIN = 0.1;

/** Inflated at a time: bounds what one step can produce to 16 MiB, whatever the bytes. */
const INFLATE_STEP_BYTES = 16 * 1024;

/** The runtime's own name for a result past `maxOutputLength`, and the smallest output buffer that it takes. */
const OUTPUT_TOO_LARGE = "ERR_BUFFER_TOO_LARGE";
const CHUNK_BYTES_MIN = 64;

/** A message with its form byte, compressed where that makes it smaller and `compression` is on. */
export function packMessage(message: Uint8Array, { compression }: { readonly compression: boolean }): Uint8Array {
  if (compression && message.length >= COMPRESSION_BYTES_MIN && isWorthTrying(message)) {
    const deflated = deflateRawSync(message, { level: message.length < LARGE_BYTES_MIN ? LEVEL : LEVEL_LARGE });
    const length = DEFLATED_AT + deflated.length;
    if (length < FORM_BYTES + message.length && message.length <= deflated.length * COMPRESSION_RATIO_MAX) {
      const packed = new Uint8Array(length);
      packed[0] = DEFLATED;
      new DataView(packed.buffer).setUint32(FORM_BYTES, message.length);
      packed.set(deflated, DEFLATED_AT);
      return packed;
    }
  }
  const packed = freshBytes(FORM_BYTES + message.length);
  packed[0] = PLAIN;
  packed.set(message, FORM_BYTES);
  return packed;
}

function isWorthTrying(message: Uint8Array): boolean {
  if (message.length < LARGE_BYTES_MIN) return true;
  const middle = Math.floor((message.length - SAMPLE_BYTES) / 2); // The start is of ids and lengths, unlike the rest.
  const sample = message.subarray(middle, middle + SAMPLE_BYTES);
  return deflateRawSync(sample, { level: LEVEL_SAMPLE }).length < sample.length * (1 - SAMPLE_GAIN_MIN);
}

/**
 * The message that {@link packMessage} packed; a view into `packed` where it was not compressed.
 *
 * @param messageBytesMax longest message that is accepted, in bytes
 * @throws {WireFormatError} whatever the bytes
 */
export function unpackMessage(
  packed: Uint8Array,
  { messageBytesMax }: { readonly messageBytesMax: number },
): Uint8Array {
  if (packed[0] === PLAIN) {
    if (packed.length - FORM_BYTES > messageBytesMax) throw tooLarge(packed.length - FORM_BYTES, messageBytesMax);
    return packed.subarray(FORM_BYTES);
  }
  if (packed[0] !== DEFLATED || packed.length <= DEFLATED_AT) {
    throw new WireFormatError("malformed", "Cannot unpack message: it has no known form");
  }
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(FORM_BYTES);
  const deflated = packed.subarray(DEFLATED_AT);
  if (length > messageBytesMax) throw tooLarge(length, messageBytesMax);
  if (length > deflated.length * COMPRESSION_RATIO_MAX) {
    throw new WireFormatError("too_large", `Cannot unpack message: ${deflated.length} bytes claim to be ${length}`);
  }
  return inflate(deflated, length);
}

/** At once where that is short work whatever the bytes; else natively, or step by step where the runtime sets no bound. */
function inflate(deflated: Uint8Array, length: number): Uint8Array {
  if (deflated.length > INFLATE_STEP_BYTES) {
    return nativeInflateStops() ? inflateNatively(deflated, length) : inflateInSteps(deflated, length);
  }
  let message: Uint8Array;
  try {
    message = inflateSync(deflated, { out: new Uint8Array(length + 1) }); // It stops silently at the end of `out`.
  } catch {
    throw new WireFormatError("malformed", "Cannot unpack message: it is no deflate stream");
  }
  return ofLength(message, length);
}

/** Four times as fast, but worth its call, and the cost of its errors, only for what is large. */
function inflateNatively(deflated: Uint8Array, length: number): Uint8Array {
  let message: Uint8Array;
  try {
    message = inflateRawSync(deflated, {
      maxOutputLength: length + 1,
      chunkSize: Math.max(CHUNK_BYTES_MIN, length + 1),
    });
  } catch (error) {
    if ((error as { code?: string }).code === OUTPUT_TOO_LARGE) {
      throw new WireFormatError("too_large", "Cannot unpack message: it is too long");
    }
    throw new WireFormatError("malformed", "Cannot unpack message: it is no deflate stream");
  }
  return ofLength(new Uint8Array(message.buffer, message.byteOffset, message.length), length); // No `Buffer`.
}

let stops: boolean | undefined;

/** Whether native inflating heeds its bound: some runtimes take the option and do not. */
function nativeInflateStops(): boolean {
  if (stops !== undefined) return stops;
  try {
    inflateRawSync(deflateRawSync(new Uint8Array(2)), { maxOutputLength: 1 });
    return stops = false;
  } catch (error) {
    return stops = (error as { code?: string }).code === OUTPUT_TOO_LARGE;
  }
}

function ofLength(message: Uint8Array, length: number): Uint8Array {
  if (message.length > length) throw new WireFormatError("too_large", "Cannot unpack message: it is too long");
  if (message.length < length) throw new WireFormatError("malformed", "Cannot unpack message: it is too short");
  return message;
}

/** A stream that yields more than it claims is left at once. */
function inflateInSteps(deflated: Uint8Array, length: number): Uint8Array {
  const message = new Uint8Array(length);
  let filled = 0;
  const stream = new Inflate((part) => {
    if (filled + part.length > length) throw new WireFormatError("too_large", "Cannot unpack message: it is too long");
    message.set(part, filled);
    filled += part.length;
  });
  try {
    for (let at = 0; at < deflated.length; at += INFLATE_STEP_BYTES) {
      const end = at + INFLATE_STEP_BYTES;
      stream.push(deflated.subarray(at, end), end >= deflated.length);
    }
  } catch (error) {
    if (error instanceof WireFormatError) throw error;
    throw new WireFormatError("malformed", "Cannot unpack message: it is no deflate stream");
  }
  return ofLength(message.subarray(0, filled), length);
}

function tooLarge(length: number, messageBytesMax: number): WireFormatError {
  return new WireFormatError("too_large", `Cannot unpack message: ${length} bytes, ${messageBytesMax} are allowed`);
}
