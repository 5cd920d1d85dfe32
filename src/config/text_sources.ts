import type { Given, Reading } from "./given.ts";
import { definitionOf, type Key, KEY_NAMES } from "./keys.ts";
import { closest } from "./suggestion.ts";

/** Flags by their long name without dashes; repeatable ones as a list. Absent and undefined are the same. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the flags that stand for keys; `config`, and flags of single commands, are passed over. */
export function readFlags(flags: Flags): Reading {
  const given: Given[] = [];
  for (const key of KEY_NAMES) {
    const { flag } = definitionOf(key);
    const raw = flags[flag];
    if (raw === undefined) continue;
    const value = typeof raw === "string"
      ? fromText(key, raw)
      : typeof raw === "boolean"
      ? raw
      : raw.flatMap(splitList);
    given.push({ key, value, origin: `--${flag}` });
  }
  return { given, problems: [], warnings: [] };
}

/** Variables that are read elsewhere, and so are no slip of somebody's hand. */
const OTHER_VARIABLES = ["KNOT_CONFIG", "KNOT_DEBUG", "KNOT_PASSWORD", "KNOT_SERVER", "KNOT_TOKEN"];

/**
 * Reads the `KNOT_*` variables. An empty one counts as absent, since compose files and units cannot leave one out.
 * An unknown one is no error, for orchestrators add their own (`KNOT_SERVICE_HOST`); one near a known name is a warning.
 */
export function readEnvironment(environment: Environment): Reading {
  const given: Given[] = [];
  for (const key of KEY_NAMES) {
    const { environment: variable } = definitionOf(key);
    const raw = environment[variable];
    if (raw !== undefined && raw !== "") given.push({ key, value: fromText(key, raw), origin: variable });
  }
  return { given, problems: [], warnings: misspelled(environment) };
}

function misspelled(environment: Environment): string[] {
  const known = KEY_NAMES.map((key) => definitionOf(key).environment);
  const unknown = Object.keys(environment)
    .filter((name) => name.startsWith("KNOT_") && !known.includes(name) && !OTHER_VARIABLES.includes(name));
  return unknown.flatMap((name) => {
    const meant = closest(name.slice("KNOT_".length), known.map((variable) => variable.slice("KNOT_".length)));
    return meant === undefined ? [] : [`${name}: unknown variable, ignored: did you mean "KNOT_${meant}"?`];
  });
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["false", false],
  ["0", false],
  ["no", false],
]);

/** What a text means for `key`; a text that means nothing stays as it is, for the check to report. */
function fromText(key: Key, raw: string): unknown {
  switch (definitionOf(key).form) {
    case "text":
      return raw;
    case "list":
      return splitList(raw);
    case "integer":
      return /^\s*-?\d{1,15}\s*$/.test(raw) ? Number(raw) : raw;
    case "boolean":
      return BOOLEANS.get(raw.trim().toLowerCase()) ?? raw;
  }
}

function splitList(raw: string): string[] {
  return raw.split(",").map((item) => item.trim()).filter((item) => item !== "");
}
