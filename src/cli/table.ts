/** Rows of cells as text in columns. Control characters, which other servers may have sent, become `?`. */
export function tableOf(rows: ReadonlyArray<readonly string[]>): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_, column) => Math.max(...clean.map((row) => [...row[column]].length)));
  const lines = clean.map((row) =>
    row.map((cell, column) => cell + " ".repeat(widths[column] - [...cell].length)).join("  ").trimEnd()
  );
  return lines.map((line) => `${line}\n`).join("");
}

function printable(cell: string): string {
  // deno-lint-ignore no-control-regex -- escape sequences would move the reader's cursor
  return cell.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}
