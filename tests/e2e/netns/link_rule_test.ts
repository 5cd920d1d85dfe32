import assert from "node:assert/strict";
import { droppedPackets, ruleset } from "./link_rule.ts";

Deno.test("ruleset() drops what matches each rule, and never the tests' own requests", () => {
  const lines = ruleset([{ from: "198.18.0.1", to: "198.18.0.2" }, { protocol: "udp", lossPercent: 20 }])
    .split("\n").map((line) => line.trim());
  const rules = lines.slice(lines.findIndex((line) => line.startsWith("type filter")) + 1);
  assert.deepEqual(rules, [
    'iifname "ops" accept',
    'oifname "ops" accept',
    "ip saddr 198.18.0.1 ip daddr 198.18.0.2 counter drop",
    "meta l4proto udp numgen random mod 100 < 20 counter drop",
    "}",
    "}",
  ]);
});

Deno.test("ruleset() replaces the former rules in the same step", () => {
  assert.ok(ruleset([]).startsWith("flush ruleset\n"));
});

Deno.test("droppedPackets() counts for each rule, in their order", () => {
  const listed = "ip saddr 198.18.0.1 counter packets 12 bytes 3400 drop\n\tcounter packets 0 bytes 0 drop\n";
  assert.deepEqual(droppedPackets(listed), [12, 0]);
});
