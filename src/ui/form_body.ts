import type { Context } from "hono";
import { createHash } from "node:crypto";
import { FORM_BYTES_MAX, FormTooLargeError, readFormData } from "./form_bytes.ts";

/** Longer texts stand in the hidden base as their hash, so that a form does not carry a job of 10 MiB twice. */
const BASE_TEXT_CHARACTERS_MAX = 1_024;

/** A hidden base may not be larger than the records it can stem from: lists of names, limits and short texts. */
const BASE_CHARACTERS_MAX = 1_024 * 1_024;

/** What a record looks like as input of its service, before or after editing. */
export type Input = Readonly<Record<string, unknown>>;

/** The fields of a sent form. Line breaks are `\n`, as before the browser made them `\r\n` (HTML §4.10.21.4). */
export class FormBody {
  readonly #data: FormData;

  constructor(data: FormData) {
    this.#data = data;
  }

  /** The field's text; "" where it was not sent, or is a file. */
  text(name: string): string {
    const value = this.#data.get(name);
    return typeof value === "string" ? unixLines(value) : "";
  }

  /** One line of text, without space around it. */
  line(name: string): string {
    return this.text(name).trim();
  }

  /** A checkbox. */
  flag(name: string): boolean {
    return this.#data.get(name) === "true";
  }

  /** A number; 0 for an empty field, NaN for what is none, so that the service names the field. */
  number(name: string): number {
    const text = this.line(name);
    return text === "" ? 0 : Number(text);
  }

  /** All values of a name, in document order. */
  list(name: string): string[] {
    return this.#data.getAll(name).filter((value) => typeof value === "string").map(unixLines);
  }

  /** A text field of words apart by line breaks or commas. */
  words(name: string): string[] {
    return this.text(name).split(/[\n,]/).map((word) => word.trim()).filter((word) => word !== "");
  }
}

/**
 * Reads a form; one that cannot be parsed is an empty one, of which the service then names the missing fields.
 *
 * @throws {FormTooLargeError} past `bytesMax`
 */
export async function readForm(c: Context, { bytesMax = FORM_BYTES_MAX } = {}): Promise<FormBody> {
  try {
    return new FormBody(await readFormData(c, bytesMax));
  } catch (error) {
    if (error instanceof FormTooLargeError) throw error;
    return new FormBody(new FormData());
  }
}

/** What was read before editing, for the hidden field `base`: JSON of the service's input, long texts as hashes. */
export function encodeBase(input: Input): string {
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(input).map(([name, value]) => [
        name,
        typeof value === "string" && value.length > BASE_TEXT_CHARACTERS_MAX ? { sha256: hashOf(value) } : value,
      ]),
    ),
  );
}

/**
 * Splits a sent edit into what goes to the service. Fields that still are what was read are left out: nobody touched them,
 * and a text that merely went through a textarea must not count as edited. The base keeps the others, so that the service
 * can compare sets element by element. A base that is no base is no base: then current values are compared.
 */
export function applyBase(input: Input, encoded: string): { readonly input: Input; readonly base: Input } {
  const base = decodeBase(encoded);
  const changed = Object.entries(input).filter(([name, value]) =>
    !(Object.hasOwn(base, name) && isSame(value, base[name]))
  );
  const comparable = changed.filter(([name]) => Object.hasOwn(base, name) && !isHashed(base[name]));
  return {
    input: Object.fromEntries(changed),
    base: Object.fromEntries(comparable.map(([name]) => [name, base[name]])),
  };
}

/**
 * Fields that this visitor changed and that somebody else has changed since they were read, to something else: saving would lose what the
 * other wrote. Sets (lists of texts) are merged element by element, and never contested.
 */
export function contestedFields(
  { sent, encoded, current }: { sent: Input; encoded: string; current: Input },
): string[] {
  const base = decodeBase(encoded);
  return Object.entries(sent).filter(([name, value]) =>
    Object.hasOwn(base, name) && isLike(base[name], current[name]) && !(isSet(base[name]) && isSet(current[name])) &&
    !isSame(value, base[name]) && !isSame(current[name], base[name]) && !isSame(value, current[name])
  ).map(([name]) => name);
}

/** The hidden base after its author was shown what `names` hold now: saving again replaces exactly that. */
export function rebased(encoded: string, current: Input, names: readonly string[]): string {
  const seen = Object.fromEntries(names.map((name) => [name, current[name]]));
  return JSON.stringify({ ...decodeBase(encoded), ...JSON.parse(encodeBase(seen)) });
}

/** A base that the browser did not get from us says nothing about what was read. */
function isLike(read: unknown, current: unknown): boolean {
  return isHashed(read) || typeof read === typeof current;
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === "string");
}

function decodeBase(encoded: string): Input {
  if (encoded.length > BASE_CHARACTERS_MAX) return {};
  try {
    const base: unknown = JSON.parse(encoded);
    return typeof base === "object" && base !== null && !Array.isArray(base) ? base as Input : {};
  } catch {
    return {};
  }
}

function isSame(sent: unknown, read: unknown): boolean {
  if (Array.isArray(sent) && Array.isArray(read) && [...sent, ...read].every((item) => typeof item !== "object")) {
    // Sets: a form lists its choices in another order than the record.
    return JSON.stringify(sent.toSorted()) === JSON.stringify(read.toSorted());
  }
  if (typeof sent !== "string") return JSON.stringify(sent) === JSON.stringify(read);
  if (isHashed(read)) return read.sha256 === hashOf(sent);
  if (typeof read !== "string") return false;
  // A one-line field was trimmed on the way; nobody meant to edit the space around it.
  return unixLines(read) === sent || (!read.includes("\n") && read.trim() === sent);
}

function isHashed(value: unknown): value is { readonly sha256: string } {
  return typeof value === "object" && value !== null && "sha256" in value && typeof value.sha256 === "string";
}

function hashOf(text: string): string {
  return createHash("sha256").update(unixLines(text)).digest("hex");
}

function unixLines(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
