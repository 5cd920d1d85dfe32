/**
 * Whether something with this zone list applies in `zone`. An empty list applies everywhere; names mean only there; `!name` means not
 * there; a list of exclusions alone means everywhere else. An exclusion beats a name.
 */
export function zoneAllowed(zones: readonly string[], zone: string): boolean {
  if (zones.includes(`!${zone}`)) return false;
  const named = zones.filter((entry) => !entry.startsWith("!"));
  return named.length === 0 || named.includes(zone);
}
