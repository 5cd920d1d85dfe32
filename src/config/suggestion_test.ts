import assert from "node:assert/strict";
import { closest, editDistance } from "./suggestion.ts";

Deno.test("editDistance() counts insertions, deletions, substitutions and swaps", () => {
  assert.equal(editDistance("zone", "zone"), 0);
  assert.equal(editDistance("zones", "zone"), 1);
  assert.equal(editDistance("zoen", "zone"), 1);
  assert.equal(editDistance("", "zone"), 4);
  assert.equal(editDistance("kitten", "sitting"), 3);
});

Deno.test("closest() finds the likely meant name, and none where nothing is near", () => {
  const names = ["key", "advertise_addr", "bind_addr", "peers", "compression", "tcp_only"];
  assert.equal(closest("advertise_address", names), "advertise_addr");
  assert.equal(closest("bind-address", names), "bind_addr");
  assert.equal(closest("PEER", names), "peers");
  assert.equal(closest("kye", names), "key");
  assert.equal(closest("compress", names), "compression");
  assert.equal(closest("xyzzy", names), undefined);
  assert.equal(closest("x".repeat(100_000), names), undefined);
});
