import assert from "node:assert/strict";
import { zoneAllowed } from "./mod.ts";
import { zoneList } from "./zones.ts";

Deno.test("zoneAllowed() applies names, exclusions, both, and none", () => {
  const cases: Array<[string[], string, boolean]> = [
    [[], "au", true],
    [["au"], "au", true],
    [["au"], "gb", false],
    [["!au"], "au", false],
    [["!au"], "gb", true],
    [["!au", "!gb"], "us", true],
    [["gb", "!au"], "gb", true],
    [["gb", "!au"], "us", false],
    [["au", "!au"], "au", false],
  ];
  for (const [zones, zone, allowed] of cases) assert.equal(zoneAllowed(zones, zone), allowed, `${zones} in ${zone}`);
});

Deno.test("a zone list holds names of 64 characters, each once", () => {
  const accepted = (zones: unknown) => zoneList.safeParse(zones).success;
  for (const zones of [[], null, ["au", "!gb"], ["x".repeat(64)], ["!" + "x".repeat(64)]]) {
    assert.ok(accepted(zones), String(zones));
  }
  for (const zones of [["au", "au"], [""], ["!"], ["!!au"], ["x".repeat(65)], "au", [7]]) {
    assert.ok(!accepted(zones), String(zones));
  }
});
