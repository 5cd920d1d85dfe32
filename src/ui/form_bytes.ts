import { Buffer } from "node:buffer";
import type { Context } from "hono";

/** What somebody may send who is not signed in: an email, a password and a code. */
export const STRANGER_FORM_BYTES_MAX = 64 * 1024;
/** Any other form: a user with keys of 16 KiB, a thousand groups, and the hidden base of the same. */
export const FORM_BYTES_MAX = 2 * 1024 * 1024;
/**
 * The forms of templates and variables, which only those open who may edit them: 12 MiB of job and volumes, percent-encoded by a script
 * that does not send multipart as our own forms do.
 */
export const LONG_FORM_BYTES_MAX = 40 * 1024 * 1024;

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
 * @throws {TypeError} if it cannot be parsed
 */
export async function readFormData(c: Context, bytesMax: number): Promise<FormData> {
  const type = c.req.header("Content-Type") ?? "";
  const bytes = await readBytes(c, bytesMax);
  if (fieldsIn(bytes, type) > FORM_FIELDS_MAX) throw new FormTooLargeError("The form has too many fields");
  return await new Response(bytes, { headers: { "Content-Type": type } }).formData();
}

/** Stops at the bound, whatever length was announced. */
async function readBytes(c: Context, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = new FormTooLargeError(`The form has more than ${bytesMax} bytes`);
  if (Number(c.req.header("Content-Length") ?? 0) > bytesMax) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    length += chunk.length;
    if (length > bytesMax) throw tooLarge;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
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
