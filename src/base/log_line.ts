import type { LogLevel } from "./log.ts";
import { plain } from "./log_value.ts";
import { printable } from "./printable.ts";

/** How lines look. */
export interface LineFormat {
  /** "text": `2026-11-22 16:58:40.123 INF cluster: Member joined zone=au`, in local time; "json": one object. */
  readonly format: "text" | "json";
  /** Colours the level by ANSI codes; text only. */
  readonly colour: boolean;
}

/** One line, before it is text. */
export interface LogEntry {
  /** Milliseconds since the Unix epoch. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly room: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const LEVEL_LETTERS: Record<LogLevel, string> = { debug: "DBG", info: "INF", warn: "WRN", error: "ERR" };
const LEVEL_COLOURS: Record<LogLevel, number> = { debug: 90, info: 36, warn: 33, error: 31 };
/** Keys that every JSON line has; a field of such a name gets an underscore, so that nothing can pose as another level. */
const JSON_KEYS: ReadonlySet<string> = new Set(["time", "level", "room", "message"]);

/** The line of `entry`, without line end. Never throws, whatever the fields are. */
export function formatLine(entry: LogEntry, { format, colour }: LineFormat): string {
  return format === "json" ? jsonLine(entry) : textLine(entry, colour);
}

function jsonLine({ timeMs, level, room, message, fields }: LogEntry): string {
  const line: Record<string, unknown> = { time: new Date(timeMs).toISOString(), level, room, message };
  for (const [key, value] of fieldsOf(fields)) line[JSON_KEYS.has(key) ? `${key}_` : key] = value;
  return printable(JSON.stringify(line));
}

function textLine({ timeMs, level, room, message, fields }: LogEntry, colour: boolean): string {
  const letters = colour ? `\x1b[${LEVEL_COLOURS[level]}m${LEVEL_LETTERS[level]}\x1b[0m` : LEVEL_LETTERS[level];
  const words = [localTime(timeMs), letters, `${printable(room)}:`, printable(message)];
  for (const [key, value] of fieldsOf(fields)) words.push(`${printable(key)}=${word(value)}`);
  return words.join(" ");
}

function fieldsOf(fields: Readonly<Record<string, unknown>>): Array<[string, unknown]> {
  const shown = plain(fields);
  // A proxy that cannot even be listed is shown as one word.
  const entries: Array<[string, unknown]> = typeof shown === "object" && shown !== null
    ? Object.entries(shown)
    : [["fields", shown]];
  return entries.filter(([, value]) => value !== undefined);
}

/** A value as one word of a text line: quoted where its end would not be plain. */
function word(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const quote = typeof value === "string" && (text === "" || /[\s"=\\]/.test(text));
  return printable(quote ? JSON.stringify(text) : text);
}

function localTime(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (n: number) => String(n).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${date} ${clock}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}
