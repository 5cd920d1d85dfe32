import assert from "node:assert/strict";
import { uiBench } from "../../../tests/fakes/ui_bench.ts";

Deno.test("names that were given twice are shown to whoever can mend them, and told apart in choices", async () => {
  await using here = await uiBench();
  await using there = await uiBench();
  await here.group("devs");
  await here.user("ann");
  there.clock.advance(1_000);
  await there.group("devs");
  const [root, ann] = [await here.visitor("root"), await here.visitor("ann")];
  assert.ok(!(await (await root.get("/")).text()).includes("given twice"));
  here.node.accept([...there.node.states.values()].filter(({ kind }) => kind === "group"));
  assert.match(
    await (await root.get("/")).text(),
    /given twice[\s\S]*Groups: <a href="\/groups\/[^"]+\/edit#name">devs</,
  );
  assert.ok(!(await (await ann.get("/")).text()).includes("given twice"));
  const form = await (await root.get("/users/create")).text();
  assert.match(form, />devs</);
  assert.match(form, />devs \(in conflict\)</);
});
