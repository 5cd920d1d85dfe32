import type { Logger } from "../../src/base/mod.ts";

/** Keeps what was logged, for tests to look at. */
export function silentLog(): Logger & { readonly lines: Array<{ level: string; message: string; fields: unknown }> } {
  const lines: Array<{ level: string; message: string; fields: unknown }> = [];
  const at = (level: string) => (message: string, fields?: unknown) => void lines.push({ level, message, fields });
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
