import type { Context } from "hono";
import { ApiError } from "./api_error.ts";
import { readBytes, readWhole, WHOLE_BYTES_MAX } from "./body_bytes.ts";
import { MESSAGE_PACK, unpackMessage } from "./message_pack.ts";

/** A job and volumes of 10 MiB each do not come in one request; one of them with everything else does. */
export const BODY_BYTES_MAX = 12 * 1024 * 1024;
/** What somebody may send who has not proved who they are. */
export const STRANGER_BODY_BYTES_MAX = 64 * 1024;
/** 12 MiB over a line of 1 Mbit/s, with room to spare. */
const BODY_MS_MAX = 180_000;
/** Of somebody unknown: each waiting connection costs memory. */
const STRANGER_BODY_MS_MAX = 15_000;

/**
 * The request's body as a plain value, from JSON or MessagePack.
 *
 * @throws {ApiError} 415 for another media type, 413 for too many bytes, 400 for what cannot be read
 */
export async function readBody(c: Context, bytesMax = BODY_BYTES_MAX): Promise<unknown> {
  const type = mediaType(c);
  if (type !== "application/json" && type !== MESSAGE_PACK) {
    throw new ApiError(415, "Cannot read the request: send application/json or application/msgpack");
  }
  const bytes = await bytesOf(c, bytesMax);
  try {
    return type === MESSAGE_PACK
      ? unpackMessage(bytes)
      : JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch { // Parsers quote what they were given; the caller knows what it sent.
    throw new ApiError(
      400,
      `Cannot read the request: its body is no ${type === MESSAGE_PACK ? "MessagePack" : "JSON"}`,
    );
  }
}

/** The body as text: a JSON or MessagePack string, or plain YAML, as `curl --data-binary @file` sends it. */
export async function readText(c: Context): Promise<string> {
  if (/^(application|text)\/(x-)?yaml$|^text\/plain$/.test(mediaType(c))) {
    return new TextDecoder().decode(await bytesOf(c, BODY_BYTES_MAX));
  }
  const body = await readBody(c);
  if (typeof body !== "string") throw new ApiError(400, "Cannot read the request: its body must be one text");
  return body;
}

function mediaType(c: Context): string {
  return (c.req.header("Content-Type") ?? "").split(";")[0].trim().toLowerCase();
}

/** Stops at the bound, whatever the length that was announced, and at the deadline. */
async function bytesOf(c: Context, bytesMax: number): Promise<Uint8Array> {
  const withinMs = bytesMax <= STRANGER_BODY_BYTES_MAX ? STRANGER_BODY_MS_MAX : BODY_MS_MAX;
  const announced = Number(c.req.header("Content-Length") ?? Infinity); // In chunks, when it is not said.
  const bytes = announced > bytesMax && announced < Infinity
    ? "too_long"
    : announced <= WHOLE_BYTES_MAX
    ? await readWhole(c.req.raw, { withinMs })
    : await readBytes(c.req.raw.body, { bytesMax, withinMs });
  switch (bytes) {
    case "too_long":
      throw new ApiError(413, `Cannot read the request: its body has more than ${bytesMax} bytes`);
    case "late":
      throw new ApiError(408, `Cannot read the request: its body did not come within ${withinMs / 1000} s`);
    case "broken_off": // Nobody is left to read this.
      throw new ApiError(400, "Cannot read the request: its body broke off");
    default:
      return bytes;
  }
}
