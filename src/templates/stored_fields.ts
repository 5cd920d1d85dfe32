import type { RecordView, Value, WriteBase } from "../records/mod.ts";

/** The record's values for the keys of `defaults`; what is absent, or of another type (a newer version's), reads as the default. */
export function readFields<T extends Readonly<Record<string, Value>>>(view: RecordView, defaults: T): T {
  const result: Record<string, Value> = {};
  for (const [name, fallback] of Object.entries(defaults)) {
    const value = view.fields[name];
    result[name] = value !== undefined && value !== null && typeof value === typeof fallback ? value : fallback;
  }
  return result as T;
}

/** A list of objects with these texts, numbers and switches; entries of another shape read as the default's parts. */
export function readObjects<T extends Readonly<Record<string, Value>>>(view: RecordView, name: string, shape: T): T[] {
  const stored = view.fields[name];
  if (!Array.isArray(stored)) return [];
  return stored.filter((entry) => typeof entry === "object" && entry !== null && !Array.isArray(entry))
    .map((entry) => readFields({ ...view, fields: entry as Record<string, Value> }, shape));
}

/** The base of an update: of what the caller says it had read, the named fields and sets; whatever else it held is ignored. */
export function baseOf(
  read: Readonly<Record<string, unknown>> | undefined,
  names: { readonly fields: readonly string[]; readonly sets: readonly string[] },
): WriteBase | undefined {
  if (read === undefined) return undefined;
  const fields: Record<string, Value> = {};
  const sets: Record<string, readonly string[]> = {};
  for (const name of names.fields) {
    const value = Object.hasOwn(read, name) ? read[name] : undefined;
    if (["string", "number", "boolean", "object"].includes(typeof value)) fields[name] = value as Value;
  }
  for (const name of names.sets) {
    const value = Object.hasOwn(read, name) ? read[name] : undefined;
    if (Array.isArray(value)) sets[name] = value.filter((entry) => typeof entry === "string");
  }
  return { fields, sets };
}

/** RFC 3339 text of a wall clock reading; the epoch for what no calendar holds. */
export function timeText(wallMs: number): string {
  const time = new Date(wallMs);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}

/** Without the keys of what was left out. */
export function withoutUndefined<T>(object: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(object).filter((entry): entry is [string, T] => entry[1] !== undefined));
}
