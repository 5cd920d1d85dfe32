import { join, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import { FileWalk } from "./file_walk.ts";
import type { Reading } from "./given.ts";
import { tomlLines } from "./toml_lines.ts";

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
    const walk = new FileWalk(file, tomlLines(text));
    walk.table("", parse(text));
    return { file, given: walk.given, problems: walk.problems, warnings: walk.warnings, unreadable: false };
  } catch (error) {
    const place = error instanceof TomlError ? `${file}:${error.line}:${error.column}` : file;
    return failed(file, `${place}: ${syntaxReason(error)}`);
  }
}

function failed(file: string, problem: string): FileReading {
  return { file, given: [], problems: [problem], warnings: [], unreadable: true };
}

/** Only the reason: the parser's message goes on with the lines of the file, which may hold a key. */
function syntaxReason(error: unknown): string {
  const reason = reasonOf(error).replace(/^Invalid TOML document: /, "");
  const hint = reason === "invalid value" ? " (text goes in quotes)" : "";
  return `not valid TOML: ${reason}${hint}`;
}
