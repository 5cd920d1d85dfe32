import { configure, getLogger, type LogRecord } from "@logtape/logtape";
import { formatLine, type LineFormat } from "./log_line.ts";

/** Structured log of one room. Messages are static and capitalised; values go in `fields`, in camelCase, without secrets. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What a line is worth: per packet, state change, degraded, needs a person. */
export type LogLevel = keyof Logger;

/** All our rooms log below this category; libraries that use LogTape too stay out of our lines. */
const ROOT_CATEGORY = "knot";

/**
 * Says where and how the lines of all loggers go, from now on; before the first call nothing is written.
 *
 * @param options `level`: the least to write; "trace", which the original knows, is the same as "debug". `format`:
 * "text" for people, "json" for one object a line. `write`: takes each line, without line end; standard error by default.
 */
export async function configureLog({ level, format, write }: {
  level: "trace" | LogLevel;
  format: "text" | "json";
  write?: (line: string) => void;
}): Promise<void> {
  const line: LineFormat = { format, colour: write === undefined && Deno.stderr.isTerminal() && !Deno.noColor };
  const out = write ?? writeToStandardError;
  const lowestLevel = level === "warn" ? "warning" : level;
  await configure({
    reset: true,
    sinks: { lines: (record) => out(formatLine(entryOf(record), line)) },
    loggers: [
      { category: ROOT_CATEGORY, sinks: ["lines"], lowestLevel },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
    ],
  });
}

/** The log of one room; `room` begins each of its lines. */
export function logger(room: string): Logger {
  const sink = getLogger([ROOT_CATEGORY, room]);
  return {
    debug: (message, fields) => sink.debug(message, { fields }),
    info: (message, fields) => sink.info(message, { fields }),
    warn: (message, fields) => sink.warn(message, { fields }),
    error: (message, fields) => sink.error(message, { fields }),
  };
}

/** Says nothing: the default of rooms that take a logger, and of most tests. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

function entryOf({ timestamp, level, category, rawMessage, properties }: LogRecord) {
  return {
    timeMs: timestamp,
    level: levelOf(level),
    room: category.slice(1).join("."),
    message: typeof rawMessage === "string" ? rawMessage : rawMessage.join(""),
    fields: (properties.fields ?? {}) as Readonly<Record<string, unknown>>,
  };
}

function levelOf(level: LogRecord["level"]): LogLevel {
  switch (level) {
    case "trace":
    case "debug":
      return "debug";
    case "info":
      return "info";
    case "warning":
      return "warn";
    case "error":
    case "fatal":
      return "error";
  }
}

/** A log that cannot be written (closed pipe, full disk) must not stop the server. */
function writeToStandardError(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  try {
    for (let written = 0; written < bytes.length;) written += Deno.stderr.writeSync(bytes.subarray(written));
  } catch {
    // Nowhere is left to say so.
  }
}
