import assert from "node:assert/strict";
import { accountsBench } from "../../tests/fakes/accounts_bench.ts";

Deno.test("a name that two servers gave is logged once, by its later record", async () => {
  await using here = await accountsBench();
  await using there = await accountsBench();
  await here.group("devs");
  there.clock.advance(1_000);
  const later = await there.group("devs");
  const warnings = () => here.log.lines.filter(({ level }) => level === "warn");
  here.node.accept(there.node.states.values());
  here.node.accept(there.node.states.values());
  assert.equal(warnings().length, 1);
  assert.match(warnings()[0].message, /later group is in conflict/);
  assert.deepEqual(warnings()[0].fields, { id: later });
});
