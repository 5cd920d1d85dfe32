/** Nesting shown; what lies deeper is an ellipsis. */
const DEPTH_MAX = 6;
/** Items of a list or object shown. */
const ITEMS_MAX = 100;
/** Characters of a text shown: a log line is read by people. */
const TEXT_CHARS_MAX = 2_000;
/** Bytes shown, as hex. */
const BYTES_SHOWN_MAX = 32;
/** Causes of an error followed, outermost first. */
const CAUSES_MAX = 4;

/**
 * Any value as plain JSON data for a log line: errors by message, bytes as hex, cycles and depths cut off. `undefined`
 * stays. Never throws, also when a getter or proxy does.
 */
export function plain(value: unknown): unknown {
  return plainWithin(value, new Set(), 0);
}

function plainWithin(value: unknown, above: Set<object>, depth: number): unknown {
  try {
    switch (typeof value) {
      case "string":
        return shortened(value);
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "boolean":
      case "undefined":
        return value;
      case "object":
        return value === null ? null : plainObject(value, above, depth);
      default: // bigint, symbol, function
        return shortened(String(value));
    }
  } catch {
    return "[unreadable]";
  }
}

function plainObject(value: object, above: Set<object>, depth: number): unknown {
  if (value instanceof Error) return shortened(errorText(value));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof Uint8Array) return hex(value);
  if (above.has(value)) return "[cycle]";
  if (depth >= DEPTH_MAX) return "…";
  above.add(value);
  const inner = (item: unknown) => plainWithin(item, above, depth + 1);
  const shown = Array.isArray(value) || value instanceof Set
    ? Array.from([...value].slice(0, ITEMS_MAX), (item) => inner(item) ?? null)
    : shownEntries(value, inner);
  above.delete(value);
  return shown;
}

function shownEntries(value: object, inner: (item: unknown) => unknown): Record<string, unknown> {
  const shown: Record<string, unknown> = Object.create(null);
  if (value instanceof Map) {
    for (const [key, item] of [...value].slice(0, ITEMS_MAX)) shown[String(key)] = inner(item);
  } else {
    for (const key of Object.keys(value).slice(0, ITEMS_MAX)) shown[key] = readable(value, key, inner);
  }
  return shown;
}

function readable(value: object, key: string, inner: (item: unknown) => unknown): unknown {
  try {
    return inner((value as Record<string, unknown>)[key]);
  } catch {
    return "[unreadable]";
  }
}

/** `message: cause: cause`, leaving out a cause that the message quotes already. */
function errorText(error: Error): string {
  let text = error.message || error.name;
  let cause = error.cause;
  for (let i = 0; i < CAUSES_MAX && cause instanceof Error; i++, cause = cause.cause) {
    if (!text.includes(cause.message)) text += `: ${cause.message}`;
  }
  return text;
}

function hex(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, BYTES_SHOWN_MAX), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length > BYTES_SHOWN_MAX ? `${shown}… (${bytes.length} bytes)` : shown;
}

function shortened(text: string): string {
  return text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)}… (${text.length} characters)` : text;
}
