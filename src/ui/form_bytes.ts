import { Buffer } from "node:buffer";
import type { Context } from "hono";
import { readBytes } from "./body_bytes.ts";

/** What somebody may send who is not signed in: an email, a password and a code. */
export const STRANGER_FORM_BYTES_MAX = 64 * 1024;
/** Any other form: a user with keys of 16 KiB, a thousand groups, and the hidden base of the same. */
export const FORM_BYTES_MAX = 2 * 1024 * 1024;
/**
 * The forms of templates and variables, which only those open who may edit them: 12 MiB of job and volumes, percent-encoded by a script
 * that does not send multipart as our own forms do.
 */
export const LONG_FORM_BYTES_MAX = 40 * 1024 * 1024;

/** 40 MiB over a slow line. */
const FORM_MS_MAX = 300_000;
/** Of somebody unknown: each waiting connection costs memory. */
const STRANGER_FORM_MS_MAX = 15_000;

/** Parsing makes an object of each field, however short; our longest form has a thousand groups and as many numbers. */
const FORM_FIELDS_MAX = 10_000;

/** The form has more bytes or fields than it may have; nothing of it was parsed. */
export class FormTooLargeError extends Error {
  override readonly name = "FormTooLargeError";
}

/**
 * The body of a form, bounded before anything is made of it.
 *
 * @throws {FormTooLargeError} past `bytesMax` or the number of fields
 * @throws {TypeError} if it cannot be parsed, or does not come in time
 */
export async function readFormData(c: Context, bytesMax: number): Promise<FormData> {
  const type = c.req.header("Content-Type") ?? "";
  const bytes = await bytesOf(c, bytesMax);
  if (fieldsIn(bytes, type) > FORM_FIELDS_MAX) throw new FormTooLargeError("The form has too many fields");
  return await new Response(bytes, { headers: { "Content-Type": type } }).formData();
}

async function bytesOf(c: Context, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const withinMs = bytesMax <= STRANGER_FORM_BYTES_MAX ? STRANGER_FORM_MS_MAX : FORM_MS_MAX;
  const announced = Number(c.req.header("Content-Length") ?? 0);
  const bytes = announced > bytesMax ? "too_long" : await readBytes(c.req.raw.body, { bytesMax, withinMs });
  if (bytes === "too_long") throw new FormTooLargeError(`The form has more than ${bytesMax} bytes`);
  if (typeof bytes === "string") throw new TypeError("The form did not come whole, or not in time");
  return bytes;
}

/** At least as many as the form has: what ends one field and begins the next, counted in the bytes. */
function fieldsIn(bytes: Uint8Array<ArrayBuffer>, contentType: string): number {
  const boundary = /boundary="?([^";]+)/i.exec(contentType)?.[1];
  const separator = boundary === undefined ? "&" : `--${boundary}`;
  const buffer = Buffer.from(bytes.buffer);
  let fields = 1;
  for (let at = buffer.indexOf(separator); at >= 0; at = buffer.indexOf(separator, at + separator.length)) {
    if (++fields > FORM_FIELDS_MAX) break;
  }
  return fields;
}
