import type { Context } from "hono";
import { answer } from "./answer.ts";
import { ApiError } from "./api_error.ts";
import type { ServedVersions } from "./served_versions.ts";

/** A record with a version, as the services give it. */
export interface Versioned {
  readonly version: string;
}

/** What a record says, by the names of its fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** A record by the names of its fields. */
export function fieldsOf(record: object): Fields {
  return record as Fields;
}

/** The client is told of this version, and may name it in `If-Match`. */
export function rememberServed(
  { served, key, record }: { served: ServedVersions; key: string; record: Versioned & object },
): void {
  served.remember(`${key}:${record.version}`, fieldsOf(record));
}

/** A version as the `ETag` and `If-Match` headers have it. */
export function etag(version: string): string {
  return `"${version}"`;
}

/** Answers one record with its `ETag` (RFC 9110 §8.8.3), and remembers what it held. 304 where the client has it already. */
export function answerVersioned(
  c: Context,
  { served, key, record, body }: { served: ServedVersions; key: string; record: Versioned & object; body: unknown },
): Response {
  rememberServed({ served, key, record });
  const tag = etag(record.version);
  c.header("ETag", tag);
  if (c.req.header("If-None-Match") === tag) return c.body(null, 304);
  return answer(c, body);
}

/**
 * The base of an edit: with `If-Match` what that version held, so that only what the author changed counts, whoever edited meanwhile;
 * without, or with `*`, none, and the edit is compared with what the record holds now.
 *
 * @throws {ApiError} 412 when no version of the header is known
 */
export function ifMatchBase(
  c: Context,
  { served, key, current }: { served: ServedVersions; key: string; current: (Versioned & object) | undefined },
): Fields | undefined {
  const header = c.req.header("If-Match");
  if (header === undefined || header.trim() === "*" || current === undefined) return undefined;
  for (const tag of header.split(",").map((part) => part.trim())) {
    const version = /^(?:W\/)?"([0-9a-f]{16})"$/.exec(tag)?.[1];
    if (version === current.version) return fieldsOf(current);
    const base = version === undefined ? undefined : served.find(`${key}:${version}`);
    if (base) return base;
  }
  throw new ApiError(412, "This version is not known any more: read the record again, and repeat the change");
}
