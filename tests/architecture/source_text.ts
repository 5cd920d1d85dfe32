/** A `/` after one of these begins a regular expression; after anything else it divides. */
const BEFORE_REGULAR_EXPRESSION = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of))\s*$/;

/**
 * `source` with comments, and on request the contents of quoted strings, blanked out. Line breaks stay, so that line
 * numbers hold. Template strings stay whole: code stands in them.
 */
export function withoutComments(source: string, { keepStrings }: { keepStrings: boolean }): string {
  let out = "";
  let at = 0;
  const blank = (text: string) => text.replace(/[^\n]/g, " ");
  while (at < source.length) {
    const rest = source.slice(at, at + 2);
    const end = rest === "//" || rest === "/*"
      ? endOfComment(source, at)
      : rest[0] === '"' || rest[0] === "'" || rest[0] === "`"
      ? endOfQuoted(source, at)
      : rest[0] === "/" && BEFORE_REGULAR_EXPRESSION.test(out.slice(-80))
      ? endOfRegularExpression(source, at)
      : at + 1;
    const text = source.slice(at, end);
    if (rest === "//" || rest === "/*") out += blank(text);
    else if (end === at + 1 || keepStrings || rest[0] === "`") out += text;
    else out += text[0] + blank(text.slice(1, -1)) + text.at(-1);
    at = end;
  }
  return out;
}

function endOfComment(source: string, at: number): number {
  const line = source[at + 1] === "/";
  const end = source.indexOf(line ? "\n" : "*/", at + 2);
  return end < 0 ? source.length : line ? end : end + 2;
}

function endOfQuoted(source: string, at: number): number {
  const quote = source[at];
  for (let end = at + 1; end < source.length; end++) {
    if (source[end] === "\\") end++;
    else if (source[end] === quote) return end + 1;
    else if (source[end] === "\n" && quote !== "`") return at + 1; // An apostrophe in the text of a page.
  }
  return at + 1;
}

function endOfRegularExpression(source: string, at: number): number {
  let inClass = false;
  for (let end = at + 1; end < source.length && source[end] !== "\n"; end++) {
    if (source[end] === "\\") end++;
    else if (source[end] === "[") inClass = true;
    else if (source[end] === "]") inClass = false;
    else if (source[end] === "/" && !inClass) return end + 1;
  }
  return at + 1;
}
