import assert from "node:assert/strict";
import { accountsBench } from "../../tests/fakes/accounts_bench.ts";
import { ADMIN_ROLE_ID } from "../records/mod.ts";
import { OPERATOR, Permission, PERMISSIONS } from "./mod.ts";

Deno.test("the admin role is built in: listed first, with every permission, for nobody to change", async () => {
  await using bench = await accountsBench();
  const { roles } = bench.accounts;
  await bench.role("aaa", []);
  const [admin] = roles.list();
  assert.deepEqual([admin.role_id, admin.built_in], [ADMIN_ROLE_ID, true]);
  assert.deepEqual([...admin.permissions], PERMISSIONS.map(({ id }) => id));
  for (const id of [ADMIN_ROLE_ID, "admin", "Admin"]) {
    assert.equal((await roles.update(OPERATOR, id, { name: "x" })).kind, "forbidden");
    assert.equal((await roles.delete(OPERATOR, id)).kind, "forbidden");
  }
  assert.equal((await roles.create(OPERATOR, { name: "ADMIN" })).kind, "invalid");
});

Deno.test("numbers that are unknown here are kept; what is no number is refused", async () => {
  await using bench = await accountsBench();
  const id = await bench.role("ops", [4000, 1, 1]);
  assert.deepEqual([...bench.accounts.roles.get(id)!.permissions], [1, 4000]);
  await bench.accounts.roles.update(OPERATOR, "ops", { name: "operations" });
  assert.deepEqual([...bench.accounts.roles.get("operations")!.permissions], [1, 4000]);
  for (const permissions of [[-1], [1.5], ["1"], [65_536], "1", {}]) {
    assert.equal((await bench.accounts.roles.create(OPERATOR, { name: "x", permissions })).kind, "invalid");
  }
});

Deno.test("who manages roles puts in, edits and deletes only what they hold themselves", async () => {
  await using bench = await accountsBench();
  const { roles } = bench.accounts;
  const manager = await bench.role("manager", [Permission.ManageRoles, Permission.ManageGroups]);
  const strong = await bench.role("strong", [Permission.ManageUsers]);
  await bench.user("mia", { roles: [manager] });
  const { principal: mia } = await bench.signIn("mia");
  assert.equal((await roles.create(mia, { name: "a", permissions: [Permission.ManageGroups] })).kind, "created");
  const refused = await roles.create(mia, { name: "b", permissions: [Permission.ManageUsers] });
  assert.ok(refused.kind === "forbidden" && refused.reason.includes("Manage Users"));
  assert.equal((await roles.create(mia, { name: "b", permissions: [4000] })).kind, "forbidden");
  assert.equal((await roles.update(mia, manager, { permissions: [5, 4, 0] })).kind, "forbidden");
  assert.equal((await roles.update(mia, strong, { permissions: [] })).kind, "forbidden");
  assert.equal((await roles.delete(mia, strong)).kind, "forbidden");
  assert.equal((await roles.update(mia, manager, { permissions: [5] })).kind, "updated");
});

Deno.test("without the permission nothing is changed, nor told whether it exists", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  const role = await bench.role("ops", []);
  const group = await bench.group("devs");
  const { principal } = await bench.signIn("ann");
  const { roles, groups } = bench.accounts;
  for (
    const outcome of await Promise.all([
      roles.create(principal, { name: "x" }),
      roles.update(principal, role, { name: "x" }),
      roles.delete(principal, "nothing"),
      groups.create(principal, { name: "x" }),
      groups.update(principal, group, { name: "x" }),
      groups.delete(principal, "nothing"),
    ])
  ) assert.equal(outcome.kind, "forbidden");
});

Deno.test("names have 1 to 64 characters without spaces at the ends, each once", async () => {
  await using bench = await accountsBench();
  for (const name of ["", "   ", "x".repeat(65), "a\nb", null, 7]) {
    for (const service of [bench.accounts.roles, bench.accounts.groups]) {
      const outcome = await service.create(OPERATOR, { name });
      assert.ok(outcome.kind === "invalid" && "name" in outcome.fields, String(name));
    }
  }
  await bench.group(" devs ");
  assert.equal(bench.accounts.groups.get("devs")!.name, "devs");
  assert.deepEqual(await bench.accounts.groups.create(OPERATOR, { name: "devs" }), {
    kind: "name_taken",
    fields: { name: "is taken" },
  });
});

Deno.test("no two groups or roles are told apart by capital letters alone", async () => {
  await using bench = await accountsBench();
  for (const service of [bench.accounts.groups, bench.accounts.roles]) {
    await service.create(OPERATOR, { name: "qa" });
    const { id } = await service.create(OPERATOR, { name: "dev" }) as { id: string };
    const refused = { kind: "name_taken", fields: { name: 'is taken: there is "qa"' } };
    assert.deepEqual(await service.create(OPERATOR, { name: "QA" }), refused);
    assert.deepEqual(await service.update(OPERATOR, id, { name: "Qa" }), refused);
    assert.equal((await service.update(OPERATOR, id, { name: "Dev" })).kind, "updated", "its own may change so");
  }
});
