import { type Key } from "./keys.ts";

/** A value that some source gives for a key, before it is checked. */
export interface Given {
  readonly key: Key;
  readonly value: unknown;
  /** Where it stands, as the beginning of a message: `knot.toml:5`, `KNOT_LISTEN`, `--listen`. */
  readonly origin: string;
}

/** What reading one source came to. Problems and warnings are whole lines, ready to be printed, without secrets. */
export interface Reading {
  readonly given: readonly Given[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Longest part of a value that a message repeats: enough to recognise it. */
const SHOWN_LENGTH_MAX = 80;

/** A value as messages show it: on one line, in quotes where it is text, and cut. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  return value instanceof Date ? "a date" : "a section";
}

function cut(value: string): string {
  return value.length > SHOWN_LENGTH_MAX ? `${value.slice(0, SHOWN_LENGTH_MAX)}…` : value;
}
