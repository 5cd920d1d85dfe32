import { z } from "zod";
import type { FieldErrors } from "./outcome.ts";

/** What a schema says of an input: the value to use, or every broken field. */
export type Checked<T> = { readonly ok: true; readonly value: T } | {
  readonly ok: false;
  readonly fields: FieldErrors;
};

/** Checks what somebody sent. Messages complete the field's name: "username" "must be text". */
export function check<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const result = schema.safeParse(input, { error: explain });
  if (result.success) {
    const broken = illFormed(result.data);
    if (broken === undefined) return { ok: true, value: result.data };
    return { ok: false, fields: { [broken]: "must be valid Unicode text" } };
  }
  const fields: Record<string, string> = {};
  for (const issue of result.error.issues) {
    const name = issue.path.length === 0 ? "body" : issue.path.join(".");
    fields[name] ??= issue.message; // The first is the plainest: a wrong type, before what follows from it.
  }
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
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is required";
      return `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
    case "too_small":
      return issue.origin === "string"
        ? `needs at least ${issue.minimum} characters`
        : `must be ${issue.minimum} or more`;
    case "too_big":
      if (issue.origin === "string") return `can have at most ${issue.maximum} characters`;
      return issue.origin === "array"
        ? `can have at most ${issue.maximum} entries`
        : `must be ${issue.maximum} or less`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    default:
      return undefined;
  }
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

/** `null` and "" count as left out: the field keeps its value, or gets its default. */
export function orLeftOut<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => value === null || value === "" ? undefined : value, schema.optional());
}
