import { type Given, shown } from "./given.ts";
import { isSection, keyNamed } from "./keys.ts";
import { meantKey } from "./meant_key.ts";
import { insteadOf, isOriginal } from "./original.ts";
import { lineOf } from "./toml_lines.ts";

/** Unknown keys that are reported one by one: past it, the file is none of ours, and finding meant keys takes time. */
const UNKNOWN_KEYS_MAX = 50;

/** Sorts what a parsed file has into keys of ours, keys of the original, and mistakes. */
export class FileWalk {
  readonly given: Given[] = [];
  readonly problems: string[] = [];
  readonly warnings: string[] = [];
  #unknownCount = 0;
  readonly #file: string;
  readonly #lines: ReadonlyMap<string, number>;

  constructor(file: string, lines: ReadonlyMap<string, number>) {
    this.#file = file;
    this.#lines = lines;
  }

  /** Takes a table apart; depth is bounded by our own sections: only those are entered. */
  table(section: string, table: object): void {
    for (const [name, value] of Object.entries(table)) {
      const full = section === "" ? name : `${section}.${name}`;
      const key = keyNamed(full);
      if (key !== undefined) this.#give(key, value, full);
      else if (isOriginal(full)) this.warnings.push(`${this.#place(full)}: ${passedOver(full, value)}`);
      else if (!isSection(full)) this.#unknown(section, name, value);
      else if (isTable(value)) this.table(full, value);
      else this.problems.push(`${this.#place(full)}: ${full} must be a section, as in [${full}], not ${shown(value)}`);
    }
  }

  #give(key: Given["key"], value: unknown, full: string): void {
    const origin = this.#place(full);
    const twice = this.given.some((given) => given.key === key);
    if (twice) this.problems.push(`${origin}: ${full} is set twice, here and under its other name`);
    else this.given.push({ key, value, origin });
  }

  #unknown(section: string, name: string, value: unknown): void {
    this.#unknownCount++;
    const full = section === "" ? name : `${section}.${name}`;
    if (this.#unknownCount <= UNKNOWN_KEYS_MAX) {
      const what = isTable(value) ? "unknown section" : "unknown key";
      const meant = meantKey(section, name);
      const hint = meant === undefined ? "" : `: did you mean "${meant}"?`;
      this.problems.push(`${this.#place(full)}: ${what} ${shown(full)}${hint}`);
    } else if (this.#unknownCount === UNKNOWN_KEYS_MAX + 1) {
      this.problems.push(`${this.#place(full)}: more unknown keys from here on: is this a configuration of knot?`);
    }
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
  const names = isTable(value) ? Object.keys(value) : [];
  if (names.length === 0) return `"${full}" is not used by this server and ignored`;
  const keys = names.slice(0, PASSED_OVER_NAMES_MAX).map((name) => `${full}.${bareOrQuoted(name)}`);
  const more = names.length > PASSED_OVER_NAMES_MAX ? ", …" : "";
  return `section "${full}" is not used by this server and ignored (${keys.join(", ")}${more})`;
}

function bareOrQuoted(name: string): string {
  return /^[\w-]{1,64}$/.test(name) ? name : shown(name);
}
