import assert from "node:assert/strict";
import { systemEntropy } from "../base/mod.ts";
import { PacketRoutes } from "./packet_routes.ts";

Deno.test("the nonce of a route stays until it is answered, and is good for one answer", () => {
  const routes = new PacketRoutes(systemEntropy);
  const route = routes.to("a:1");
  const ask = route.ask;
  assert.deepEqual(routes.to("a:1").ask, ask);
  assert.equal(routes.asked(ask), route);
  routes.answered(route, "boot 1");
  assert.equal(routes.asked(ask), undefined);
  assert.equal(routes.asked(route.ask), route);
  assert.equal(routes.to("a:1").boot, "boot 1");
});

Deno.test("a boot that was replaced at one address is gone from all", () => {
  const routes = new PacketRoutes(systemEntropy);
  for (const address of ["name:1", "10.0.0.1:1"]) routes.assign(routes.to(address), "boot 1");
  routes.assign(routes.to("other:1"), "boot 3");
  routes.assign(routes.to("10.0.0.1:1"), "boot 2");
  const boots = ["name:1", "10.0.0.1:1", "other:1"].map((address) => routes.to(address).boot);
  assert.deepEqual(boots, [undefined, "boot 2", "boot 3"]);
});

Deno.test("addresses are remembered up to a bound, with their nonces", () => {
  const routes = new PacketRoutes(systemEntropy);
  const first = routes.to("first:1");
  routes.assign(first, "boot 1");
  for (let i = 0; i < 4096; i++) routes.to(`a:${i}`);
  assert.equal(routes.asked(first.ask), undefined);
  assert.equal(routes.to("first:1").boot, undefined);
});
