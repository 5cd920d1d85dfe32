import { KEY_NAMES } from "./keys.ts";
import { closest } from "./suggestion.ts";

/** All keys and the sections that they are in: those can be misspelled, too. */
const NAMES = [...new Set(KEY_NAMES.flatMap(prefixes))];

/**
 * The key or section that an unknown `name` in `section` likely meant: one of this very name elsewhere (by its full name),
 * else a similar one beside it (by its last part), else a similar one elsewhere; undefined where none is near.
 */
export function meantKey(section: string, name: string): string | undefined {
  const sameElsewhere = NAMES.find((known) => lastSegment(known) === name);
  if (sameElsewhere !== undefined) return sameElsewhere;
  const beside = closest(name, NAMES.filter((known) => sectionOf(known) === section).map(lastSegment));
  if (beside !== undefined) return beside;
  const similar = closest(name, NAMES.map(lastSegment));
  return NAMES.find((known) => lastSegment(known) === similar);
}

/** `a.b.c` → `a`, `a.b`, `a.b.c`. */
function prefixes(key: string): string[] {
  const segments = key.split(".");
  return segments.map((_, index) => segments.slice(0, index + 1).join("."));
}

function sectionOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf(".")));
}

function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
