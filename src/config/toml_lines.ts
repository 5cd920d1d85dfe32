/** Keys that are looked up have at most four segments; a longer one is found by its beginning. */
const SEGMENTS_MAX = 8;

/**
 * The 1-based line on which each key and section of a TOML text stands, by full dotted name. The text must have been
 * parsed before: this scan only finds places, it does not check. Keys inside inline tables are not listed.
 */
export function tomlLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const scan = new Scan(text);
  let section: readonly string[] = [];
  while (scan.skipBlank()) {
    const line = scan.line;
    if (scan.peek() === "[") {
      section = scan.key("[");
      scan.restOfLine();
      note(lines, section, line);
    } else {
      note(lines, [...section, ...scan.key()], line);
      scan.value();
    }
  }
  return lines;
}

/** The line of `key`, or of the nearest section around it that stands in the text. */
export function lineOf(lines: ReadonlyMap<string, number>, key: string): number | undefined {
  for (let name = key; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
    const line = lines.get(name);
    if (line !== undefined) return line;
  }
}

/** A key makes the sections around it. They may come again (`[[name]]`): the first place is the one to show. */
function note(lines: Map<string, number>, key: readonly string[], line: number): void {
  for (let count = 1; count <= Math.min(key.length, SEGMENTS_MAX); count++) {
    const name = key.slice(0, count).join(".");
    if (!lines.has(name)) lines.set(name, line);
  }
}

/** A cursor over TOML text. Every method moves forward or stops at the end, so that loops over it end. */
class Scan {
  #at = 0;
  #line = 1;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get line(): number {
    return this.#line;
  }

  peek(): string {
    return this.#text[this.#at] ?? "";
  }

  /** Goes to the next key or section; false at the end. */
  skipBlank(): boolean {
    for (let next = this.peek(); next !== ""; next = this.peek()) {
      if (next === "#") this.restOfLine();
      else if (/\s/.test(next)) this.#step();
      else return true;
    }
    return false;
  }

  /** Reads the segments of a dotted key, and stops after what ends it: `=`, or `]` of a section. */
  key(opening = ""): string[] {
    while (opening !== "" && this.peek() === opening) this.#step();
    const segments: string[] = [];
    for (let next = this.peek(); next !== "" && next !== "=" && next !== "]" && next !== "\n"; next = this.peek()) {
      if (next === '"' || next === "'") segments.push(this.#string());
      else if (/[\s.]/.test(next)) this.#step();
      else segments.push(this.#bare());
    }
    this.#step();
    return segments;
  }

  /** Skips a value, which may span lines, and the rest of its last line. */
  value(): void {
    let depth = 0;
    for (let next = this.peek(); next !== ""; next = this.peek()) {
      if (next === "\n" && depth <= 0) return;
      if (next === '"' || next === "'") this.#string();
      else if (next === "#") this.restOfLine();
      else {
        if (next === "[" || next === "{") depth++;
        if (next === "]" || next === "}") depth--;
        this.#step();
      }
    }
  }

  restOfLine(): void {
    while (this.peek() !== "" && this.peek() !== "\n") this.#step();
  }

  #step(): void {
    if (this.peek() === "\n") this.#line++;
    this.#at++;
  }

  #bare(): string {
    const start = this.#at;
    do this.#step(); while (/[^\s.=\]"']/.test(this.peek()));
    return this.#text.slice(start, this.#at);
  }

  /** Reads a string of any of the four forms and gives what stands between the quotes, escapes untouched. */
  #string(): string {
    const quote = this.peek();
    const mark = this.#text.startsWith(quote.repeat(3), this.#at) ? quote.repeat(3) : quote;
    for (const _ of mark) this.#step();
    const start = this.#at;
    while (this.peek() !== "" && !this.#text.startsWith(mark, this.#at)) {
      if (quote === '"' && this.peek() === "\\") this.#step();
      this.#step();
    }
    const content = this.#text.slice(start, this.#at);
    for (const _ of mark) this.#step();
    return content;
  }
}
