import { printable } from "../base/mod.ts";

/** Rows of cells as text in columns. Control and direction characters, which other servers may have sent, are escaped. */
export function tableOf(rows: ReadonlyArray<readonly string[]>): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_, column) => Math.max(...clean.map((row) => [...row[column]].length)));
  const lines = clean.map((row) =>
    row.map((cell, column) => cell + " ".repeat(widths[column] - [...cell].length)).join("  ").trimEnd()
  );
  return lines.map((line) => `${line}\n`).join("");
}
