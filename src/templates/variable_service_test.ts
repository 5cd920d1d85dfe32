import assert from "node:assert/strict";
import { MemoryNode } from "../../tests/fakes/memory_node.ts";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { createSealer } from "../accounts/mod.ts";
import { systemEntropy } from "../base/mod.ts";
import { createTemplates, type Viewer } from "./mod.ts";

const manager: Viewer = { userId: "m", groups: [], can: () => true };
const guest: Viewer = { userId: "g", groups: [], can: () => false };

function bench() {
  const clock = new VirtualClock();
  const node = new MemoryNode(clock);
  const sealer = createSealer("k".repeat(32), systemEntropy);
  const { variables } = createTemplates({ node, clock, entropy: systemEntropy, zone: "au", sealer });
  const create = async (input: unknown) => {
    const outcome = await variables.create(manager, input);
    if (outcome.kind !== "created") throw new Error(JSON.stringify(outcome));
    return outcome.id;
  };
  const stored = (id: string) => node.get("template_variable", id)!.fields;
  return { clock, node, sealer, variables, create, stored };
}

Deno.test("a variable is found by id and name, and read only with the permission", async () => {
  const { variables, create } = bench();
  const id = await create({ name: "region", value: "eu", zones: ["au"] });
  for (const key of [id, "region"]) assert.equal(variables.get(manager, key)!.value, "eu");
  assert.equal(variables.get(guest, id), undefined);
  assert.deepEqual(variables.list(guest), []);
  for (
    const outcome of await Promise.all([
      variables.create(guest, {}),
      variables.update(guest, id, {}),
      variables.delete(guest, id),
    ])
  ) assert.equal(outcome.kind, "forbidden");
});

Deno.test("names follow the rule of the original", async () => {
  const { variables } = bench();
  for (const name of ["a", "1a", "a-b", "", "x".repeat(65), undefined, 7]) {
    const outcome = await variables.create(manager, { name, value: "" });
    assert.ok(outcome.kind === "invalid" && "name" in outcome.fields, String(name));
  }
  for (const name of ["ab", "A_1", "x".repeat(64)]) {
    assert.equal((await variables.create(manager, { name })).kind, "created");
  }
});

Deno.test("a protected value is sealed, never shown, and stays when the form sends it empty", async () => {
  const { variables, create, stored, sealer } = bench();
  const id = await create({ name: "pass", value: "hunter22", protected: true });
  assert.equal(variables.get(manager, id)!.value, "");
  assert.ok(!JSON.stringify(stored(id)).includes("hunter22"));
  const before = stored(id).protected_value;
  await variables.update(manager, id, { ...variables.get(manager, id)!, restricted: true });
  await variables.update(manager, id, { value: "hunter22" });
  assert.equal(stored(id).protected_value, before);
  await variables.update(manager, id, { value: "other" });
  assert.equal(sealer.open(String(stored(id).protected_value)), "other");
});

Deno.test("taking the protection off shows nothing that was protected", async () => {
  const { variables, create, stored } = bench();
  const id = await create({ name: "pass", value: "hunter22", protected: true });
  await variables.update(manager, id, { protected: false });
  assert.equal(variables.get(manager, id)!.value, "");
  assert.equal(stored(id).protected_value, "");
  await variables.update(manager, id, { value: "open" });
  assert.equal(variables.get(manager, id)!.value, "open");
});

Deno.test("protecting an open value puts it under cover", async () => {
  const { variables, create, stored, sealer } = bench();
  const id = await create({ name: "pass", value: "hunter22" });
  await variables.update(manager, id, { protected: true });
  assert.equal(variables.get(manager, id)!.value, "");
  assert.equal(stored(id).value, "");
  assert.equal(sealer.open(String(stored(id).protected_value)), "hunter22");
});

Deno.test("edits of two servers cannot be merged into an open secret", async () => {
  const here = bench();
  const id = await here.create({ name: "pass", value: "first", protected: true });
  const state = here.node.states.get(`template_variable\0${id}`)!;
  await here.variables.update(manager, id, { protected: false, value: "open" });
  const there = bench();
  there.node.accept([state]);
  await there.variables.update(manager, id, { value: "secret" });
  there.node.accept(here.node.states.values());
  const merged = there.variables.get(manager, id)!;
  assert.notEqual(merged.value, "secret");
  assert.ok(!merged.protected && merged.value === "open");
});

Deno.test("a value that was edited while another server protected it is not shown", async () => {
  const here = bench();
  const id = await here.create({ name: "pass", value: "first" });
  const there = bench();
  there.node.accept(here.node.states.values());
  await here.variables.update(manager, id, { protected: true });
  there.clock.advance(1000);
  await there.variables.update(manager, id, { value: "second" });
  here.node.accept(there.node.states.values());
  assert.deepEqual([here.variables.get(manager, id)!.protected, here.variables.get(manager, id)!.value], [true, ""]);
});
