import { z } from "zod";
import { list } from "./check.ts";

/** More zones than any cluster names. */
const ZONES_MAX = 256;
const ZONE_CHARACTERS_MAX = 64;

/** A list of zones: names, and `!name` for exclusions, each once. */
export const zoneList = list(
  z.string().trim().refine((text) => /^!?[^!\s]/.test(text), "must be a zone's name, with '!' in front to exclude it")
    .refine((text) => text.replace(/^!/, "").length <= ZONE_CHARACTERS_MAX, "can have at most 64 characters"),
  ZONES_MAX,
).refine((zones) => new Set(zones).size === zones.length, "must hold each zone once");

/**
 * Whether something with this zone list applies in `zone`. An empty list applies everywhere; names mean only there; `!name` means not
 * there; a list of exclusions alone means everywhere else. An exclusion beats a name.
 */
export function zoneAllowed(zones: readonly string[], zone: string): boolean {
  if (zones.includes(`!${zone}`)) return false;
  const named = zones.filter((entry) => !entry.startsWith("!"));
  return named.length === 0 || named.includes(zone);
}
