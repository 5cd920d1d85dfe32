import type { RecordView, Value, WriteBase } from "../records/mod.ts";

/**
 * The record's values for the keys of `defaults`; what is absent, or of another type (a newer version may have changed it), reads as the
 * default.
 */
export function readFields<T extends Record<string, Value>>(view: RecordView, defaults: T): T {
  const result: Record<string, Value> = {};
  for (const [name, fallback] of Object.entries(defaults)) {
    const value = view.fields[name];
    result[name] = sameType(value, fallback) ? value : fallback;
  }
  return result as T;
}

function sameType(value: Value | undefined, model: Value): value is Value {
  return value !== undefined && value !== null && typeof value === typeof model &&
    Array.isArray(value) === Array.isArray(model);
}

/**
 * The base of an update: of what the caller says it had read, the named fields and sets. Whatever a form or a served object held besides is
 * ignored.
 */
export function baseOf(
  read: Readonly<Record<string, unknown>> | undefined,
  names: { readonly fields: readonly string[]; readonly sets: readonly string[] },
): WriteBase | undefined {
  if (read === undefined) return undefined;
  const fields: Record<string, Value> = {};
  const sets: Record<string, readonly string[]> = {};
  for (const name of names.fields) {
    const value = Object.hasOwn(read, name) ? read[name] : undefined;
    if (isValue(value)) fields[name] = value;
  }
  for (const name of names.sets) {
    const value = Object.hasOwn(read, name) ? read[name] : undefined;
    if (Array.isArray(value)) sets[name] = value.filter((entry) => typeof entry === "string");
  }
  return { fields, sets };
}

function isValue(value: unknown): value is Value {
  return value !== undefined && ["string", "number", "boolean", "object"].includes(typeof value);
}

/** RFC 3339 text of a wall clock reading; the epoch for what no calendar holds. */
export function timeText(wallMs: number): string {
  const time = new Date(wallMs);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}
