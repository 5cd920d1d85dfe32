import { z } from "zod";
import type { FieldErrors } from "./outcome.ts";

/** What a schema says of an input: the value to use, or every broken field. */
export type Checked<T> = { readonly ok: true; readonly value: T } | {
  readonly ok: false;
  readonly fields: FieldErrors;
};

/** Checks what somebody sent. Messages complete the field's name; a part of a field is named by its path, `ports.0.port`. */
export function check<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const result = schema.safeParse(input, { error: explain });
  if (result.success) {
    const broken = illFormed(result.data);
    if (broken === undefined) return { ok: true, value: result.data };
    return { ok: false, fields: { [broken]: "must be valid Unicode text" } };
  }
  const fields: Record<string, string> = {};
  for (const issue of result.error.issues) fields[issue.path.join(".") || "body"] ??= issue.message;
  return { ok: false, fields };
}

/** Where a checked value holds half a character (a lone surrogate): stored and read back it would be another text. */
function illFormed(value: unknown, path = ""): string | undefined {
  if (typeof value === "string") return value.isWellFormed() ? undefined : path;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const found = illFormed(part, path === "" ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
}

function explain(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type") {
    return issue.input === undefined ? "is required" : `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === "too_small") return `must be ${issue.minimum} or more`;
  if (issue.code === "too_big") {
    const unit = { string: " characters", array: " entries" }[issue.origin as string];
    return unit === undefined ? `must be ${issue.maximum} or less` : `can have at most ${issue.maximum}${unit}`;
  }
  return issue.code === "invalid_value" ? `must be one of ${issue.values.join(", ")}` : undefined;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object with fields",
};

/** A list that Go clients send as `null` when it is empty; left out it stays left out. */
export function list<T extends z.ZodType>(element: T, entriesMax: number) {
  return z.preprocess((value) => value === null ? [] : value, z.array(element).max(entriesMax));
}

/** One of a few words; `null` and "" count as left out. */
export function word<const T extends readonly string[]>(words: T) {
  return z.preprocess((value) => value === null || value === "" ? undefined : value, z.enum(words).optional());
}

/** Text of so many bytes in UTF-8. */
export function textOfBytes(bytesMax: number, words: string) {
  return z.string().refine(
    (text) => text.length * 3 <= bytesMax || new TextEncoder().encode(text).length <= bytesMax,
    `can have at most ${words}`,
  );
}
