import { join, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import { type Given, type Reading, shown } from "./given.ts";
import { isSection, KEY_NAMES, keyNamed } from "./keys.ts";
import { insteadOf, isOriginal } from "./original.ts";
import { closest } from "./suggestion.ts";
import { lineOf, tomlLines } from "./toml_lines.ts";

/** Reads a whole text file; throws where it cannot, as `Deno.readTextFileSync` does. */
export type ReadFile = (path: string) => string;

/** Where a file is looked for. */
export interface Places {
  /** Named by `--config` or `KNOT_CONFIG`; then nothing else is looked at. */
  readonly named: string | undefined;
  readonly cwd: string;
  /** The home folder; undefined where there is none. */
  readonly home: string | undefined;
  readonly readFile: ReadFile;
}

/** What looking for the file came to; no file at all is fine unless one was named. */
export type FileReading = Reading & {
  /** The file as messages call it; absent where there is none. */
  readonly file?: string;
  /** The file could not be taken in, so that nothing can be said about what it lacks. */
  readonly unreadable: boolean;
};

/** A configuration is a page long; a file past 1 MiB is something else, named by mistake. */
const FILE_LENGTH_MAX = 1024 * 1024;

/** The file names that are tried in turn where none is named, as KNOT.md's "looked up" has them. */
export function lookupPaths({ cwd, home }: Pick<Places, "cwd" | "home">): string[] {
  const folders = home ? [cwd, home, join(home, ".config", "knot"), "/etc/knot"] : [cwd, "/etc/knot"];
  return folders.map((folder) => join(folder, "knot.toml"));
}

/** Finds, reads and takes apart the configuration file. */
export function readConfigFile(places: Places): FileReading {
  const { named, cwd, readFile } = places;
  if (named !== undefined) {
    const content = attempt(readFile, resolve(cwd, named));
    if (content.kind === "missing") return failed(named, `Cannot read config "${named}": no such file`);
    return takenIn(named, content);
  }
  for (const path of lookupPaths(places)) {
    const content = attempt(readFile, path);
    if (content.kind !== "missing") return takenIn(path === join(cwd, "knot.toml") ? "knot.toml" : path, content);
  }
  return { given: [], problems: [], warnings: [], unreadable: false };
}

type Content =
  | { readonly kind: "read"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly reason: string };

function attempt(readFile: ReadFile, path: string): Content {
  try {
    return { kind: "read", text: readFile(path) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const missing = error instanceof Deno.errors.NotFound || code === "ENOENT" || code === "ENOTDIR";
    return missing ? { kind: "missing" } : { kind: "unreadable", reason: reasonOf(error) };
  }
}

/** The first line of an error, without the path that Deno appends: the message names the file already. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0].replace(/: (open|readfile|stat) '.*'$/, "");
}

function takenIn(file: string, content: Exclude<Content, { kind: "missing" }>): FileReading {
  if (content.kind === "unreadable") return failed(file, `Cannot read config "${file}": ${content.reason}`);
  const text = content.text.replace(/^\uFEFF/, "");
  if (text.length > FILE_LENGTH_MAX) {
    return failed(file, `Cannot read config "${file}": larger than ${FILE_LENGTH_MAX} bytes`);
  }
  try {
    const walk = new Walk(file, tomlLines(text));
    walk.table("", parse(text));
    return { file, given: walk.given, problems: walk.problems, warnings: walk.warnings, unreadable: false };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return failed(file, `${file}:${error.line}:${error.column}: ${syntaxReason(error)}`);
  }
}

function failed(file: string, problem: string): FileReading {
  return { file, given: [], problems: [problem], warnings: [], unreadable: true };
}

/** Only the reason: the parser's message goes on with the lines of the file, which may hold a key. */
function syntaxReason(error: TomlError): string {
  const reason = error.message.split("\n")[0].replace(/^Invalid TOML document: /, "");
  const hint = reason === "invalid value" ? " (text goes in quotes)" : "";
  return `not valid TOML: ${reason}${hint}`;
}

/** Sorts what a parsed file has into keys of ours, keys of the original, and mistakes. */
class Walk {
  readonly given: Given[] = [];
  readonly problems: string[] = [];
  readonly warnings: string[] = [];
  readonly #file: string;
  readonly #lines: ReadonlyMap<string, number>;

  constructor(file: string, lines: ReadonlyMap<string, number>) {
    this.#file = file;
    this.#lines = lines;
  }

  /** Depth is bounded by our own sections: only those are entered. */
  table(section: string, table: object): void {
    for (const [name, value] of Object.entries(table)) {
      const full = section === "" ? name : `${section}.${name}`;
      const key = keyNamed(full);
      if (key !== undefined) this.#give(key, value, full);
      else if (isOriginal(full)) this.warnings.push(`${this.#place(full)}: ${passedOver(full, value)}`);
      else if (!isSection(full)) this.problems.push(`${this.#place(full)}: ${unknown(section, name, value)}`);
      else if (isTable(value)) this.table(full, value);
      else {this.problems.push(
          `${this.#place(full)}: ${full} must be a section, such as [${full}], not ${shown(value)}`,
        );}
    }
  }

  #give(key: Given["key"], value: unknown, full: string): void {
    const origin = this.#place(full);
    const twice = this.given.some((given) => given.key === key);
    if (twice) this.problems.push(`${origin}: ${full} is set twice, here and under its other name`);
    else this.given.push({ key, value, origin });
  }

  #place(full: string): string {
    const line = lineOf(this.#lines, full);
    return line === undefined ? this.#file : `${this.#file}:${line}`;
  }
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Most keys of one passed-over section that its warning names; the rest is counted. */
const PASSED_OVER_NAMES_MAX = 12;

function passedOver(full: string, value: unknown): string {
  const instead = insteadOf(full);
  if (instead !== "") return `"${full}" is not used by this server and ignored: ${instead}`;
  const keys = isTable(value) ? Object.keys(value).map((name) => `${full}.${name}`) : [];
  if (keys.length === 0) return `"${full}" is not used by this server and ignored`;
  const more = keys.length > PASSED_OVER_NAMES_MAX ? ", …" : "";
  return `section "${full}" is not used by this server and ignored (${
    keys.slice(0, PASSED_OVER_NAMES_MAX).join(", ")
  }${more})`;
}

function unknown(section: string, name: string, value: unknown): string {
  const full = section === "" ? name : `${section}.${name}`;
  const what = isTable(value) ? "unknown section" : "unknown key";
  const meant = meantBy(section, name);
  return `${what} ${shown(full)}${meant === undefined ? "" : `: did you mean "${meant}"?`}`;
}

/** The key next to it with a similar name; else one of the same or a similar name elsewhere, by its full name. */
function meantBy(section: string, name: string): string | undefined {
  const names = [...new Set(KEY_NAMES.flatMap((key) => prefixes(key)))];
  const depth = section === "" ? 0 : section.split(".").length;
  const siblings = names
    .filter((known) => known.split(".").length === depth + 1 && (section === "" || known.startsWith(`${section}.`)))
    .map(lastSegment);
  const sameElsewhere = names.find((known) => lastSegment(known) === name);
  return sameElsewhere ?? closest(name, siblings) ??
    names.find((known) => lastSegment(known) === closest(name, names.map(lastSegment)));
}

/** `a.b.c` → `a`, `a.b`, `a.b.c`: sections can be misspelled, too. */
function prefixes(key: string): string[] {
  const segments = key.split(".");
  return segments.map((_, index) => segments.slice(0, index + 1).join("."));
}

function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
