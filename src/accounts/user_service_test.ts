import assert from "node:assert/strict";
import { ADMIN_ROLE_ID } from "../records/mod.ts";
import { accountsBench, PASSWORD } from "../../tests/fakes/accounts_bench.ts";
import { OPERATOR, Permission } from "./mod.ts";

Deno.test("create() keeps what was given and no word of the password", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann", { max_spaces: 3, timezone: "Europe/London" });
  const user = bench.accounts.users.get(id)!;
  assert.equal(user.username, "ann");
  assert.equal(user.max_spaces, 3);
  assert.equal(user.timezone, "Europe/London");
  assert.equal(user.preferred_shell, "bash");
  assert.equal(user.active, true);
  assert.equal(user.last_login_at, null);
  const stored = JSON.stringify(bench.node.get("user", id)!.fields);
  assert.ok(!stored.includes(PASSWORD));
  assert.ok(!JSON.stringify(user).includes("scrypt"));
});

Deno.test("get() takes an id, a username and an email in any case", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann");
  for (const name of [id, "ann", "ANN", "Ann@Example.com"]) assert.equal(bench.accounts.users.get(name)?.user_id, id);
  assert.equal(bench.accounts.users.get("bob"), undefined);
});

Deno.test("create() names every broken field", async () => {
  await using bench = await accountsBench();
  const outcome = await bench.accounts.users.create(OPERATOR, {
    username: "a--b",
    email: "nobody",
    password: "short",
    max_spaces: 10_001,
    compute_units: -1,
    preferred_shell: "tcsh",
    timezone: "Mars/Olympus",
    ssh_public_key: "not a key\n-----BEGIN",
    active: "yes",
  });
  assert.equal(outcome.kind, "invalid");
  if (outcome.kind !== "invalid") return;
  assert.deepEqual(
    Object.keys(outcome.fields).sort(),
    [
      "active",
      "compute_units",
      "email",
      "max_spaces",
      "password",
      "preferred_shell",
      "ssh_public_key",
      "timezone",
      "username",
    ],
  );
  assert.equal(outcome.fields.password, "needs at least 8 characters");
  assert.deepEqual(await bench.accounts.users.create(OPERATOR, []), {
    kind: "invalid",
    fields: { body: "must be an object with fields" },
  });
});

Deno.test("usernames follow the rule of the original", async () => {
  await using bench = await accountsBench();
  const refused = async (username: unknown) => {
    const outcome = await bench.accounts.users.create(OPERATOR, {
      username,
      email: "x@y",
      password: PASSWORD,
      roles: ["no"],
    });
    return outcome.kind === "invalid" && "username" in outcome.fields;
  };
  for (const name of ["a", "1ab", "a_b", "a b", "a..b", "a--b", "", "x".repeat(65), 7, null]) {
    assert.equal(await refused(name), true, String(name));
  }
  for (const name of ["ab", "A1", "a-b.c", "x".repeat(64)]) assert.equal(await refused(name), false, name);
});

Deno.test("create() names both names that are taken", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  const outcome = await bench.accounts.users.create(OPERATOR, {
    username: "Ann",
    email: "ANN@example.com",
    password: PASSWORD,
  });
  assert.deepEqual(outcome, { kind: "name_taken", fields: { username: "is taken", email: "is taken" } });
});

Deno.test("create() takes null lists of Go clients, and names an unknown role or group", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann", { roles: null, groups: null, preferred_shell: "", timezone: "" });
  assert.deepEqual(bench.accounts.users.get(id)!.roles, []);
  assert.equal(bench.accounts.users.get(id)!.timezone, "Europe/Zurich", "the server's, where none was chosen");
  const outcome = await bench.accounts.users.create(OPERATOR, {
    username: "bob",
    email: "b@x",
    password: PASSWORD,
    roles: ["r1"],
    groups: ["g1"],
  });
  assert.deepEqual(outcome, {
    kind: "invalid",
    fields: { roles: 'holds an unknown role: "r1"', groups: 'holds an unknown group: "g1"' },
  });
});

Deno.test("update() writes only what differs from what the caller had read", async () => {
  await using bench = await accountsBench();
  const { accounts, node, clock } = bench;
  const id = await bench.user("ann", { max_spaces: 1 });
  const read = { ...accounts.users.get(id)! };
  clock.advance(1000);
  await accounts.users.update(OPERATOR, id, { max_spaces: 5 });
  clock.advance(1000);
  const outcome = await accounts.users.update(OPERATOR, id, { ...read, github_username: "ann" }, { base: { ...read } });
  assert.equal(outcome.kind, "updated");
  const user = accounts.users.get(id)!;
  assert.equal(user.max_spaces, 5);
  assert.equal(user.github_username, "ann");
  assert.equal(node.get("user", id)!.stampMs("max_spaces"), clock.wallMs() - 1000);
});

Deno.test("update() keeps roles that somebody else gave meanwhile", async () => {
  await using bench = await accountsBench();
  const { accounts } = bench;
  const [a, b, c] = [await bench.role("a", []), await bench.role("b", []), await bench.role("c", [])];
  const id = await bench.user("ann", { roles: [a, b] });
  const read = { ...accounts.users.get(id)! };
  await accounts.users.update(OPERATOR, id, { roles: [a, b, c] });
  await accounts.users.update(OPERATOR, id, { roles: [a] }, { base: read });
  assert.deepEqual([...accounts.users.get(id)!.roles].sort(), [a, c].sort());
});

Deno.test("update() leaves the password alone when it is empty, and the username always", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann");
  const hash = bench.node.get("user", id)!.fields.password_hash;
  await bench.accounts.users.update(OPERATOR, id, { password: "", username: "ann" });
  assert.equal(bench.node.get("user", id)!.fields.password_hash, hash);
  assert.deepEqual(await bench.accounts.users.update(OPERATOR, id, { username: "bob" }), {
    kind: "invalid",
    fields: { username: "cannot be changed" },
  });
});

Deno.test("a username can be changed to mend a clash, by the one that lost it", async () => {
  await using bench = await accountsBench();
  const { accounts, node } = bench;
  const first = await bench.user("ann");
  const state = node.states.get(`user\0${first}`)!;
  const later = new Map(state.fields);
  const stamp = later.get("username")!.stamp;
  later.set("username", { ...later.get("username")!, stamp: stamp.slice(0, 12) + "ffff" + stamp.slice(16) });
  later.delete("email");
  node.accept([{ ...state, id: "01920000-0000-7000-8000-00000000abcd", fields: later }]);
  const lost = "01920000-0000-7000-8000-00000000abcd";
  bench.clock.advance(1000);
  assert.equal(accounts.users.get(lost)!.in_conflict, true);
  assert.equal(accounts.users.get("ann")!.user_id, first);
  assert.equal((await accounts.users.update(OPERATOR, first, { username: "anna" })).kind, "invalid");
  assert.equal((await accounts.users.update(OPERATOR, lost, { username: "anna" })).kind, "updated");
  assert.equal(accounts.users.get(lost)!.in_conflict, false);
});

Deno.test("the last active admin cannot be deleted, deactivated or stripped, also by two at one moment", async () => {
  await using bench = await accountsBench();
  const { users } = bench.accounts;
  const one = await bench.user("one", { roles: [ADMIN_ROLE_ID] });
  const two = await bench.user("two", { roles: [ADMIN_ROLE_ID] });
  const both = await Promise.all([one, two].map((id) => users.update(OPERATOR, id, { roles: [] })));
  assert.deepEqual(both.map((outcome) => outcome.kind).sort(), ["invalid", "updated"]);
  const last = users.list().find((user) => user.roles.length === 1)!.user_id;
  assert.equal((await users.update(OPERATOR, last, { active: false })).kind, "invalid");
  assert.equal((await users.delete(OPERATOR, last)).kind, "forbidden");
  assert.equal(users.list().find((user) => user.roles.length === 1)!.user_id, last);
  assert.equal((await users.update(OPERATOR, last, { roles: [ADMIN_ROLE_ID], active: true })).kind, "updated");
});

Deno.test("an inactive admin does not count as one who is left", async () => {
  await using bench = await accountsBench();
  await bench.user("off", { roles: [ADMIN_ROLE_ID], active: false });
  const id = await bench.user("on", { roles: [ADMIN_ROLE_ID] });
  assert.equal((await bench.accounts.users.delete(OPERATOR, id)).kind, "forbidden");
});

Deno.test("an admin who lost their name in a clash, and cannot sign in, does not count either", async () => {
  await using bench = await accountsBench();
  const { accounts, node } = bench;
  const first = await bench.user("ann", { roles: [ADMIN_ROLE_ID] });
  const state = node.states.get(`user\0${first}`)!;
  const later = new Map(state.fields);
  for (const name of ["username", "email"]) {
    const { stamp, value } = later.get(name)!;
    later.set(name, { value, stamp: stamp.slice(0, 12) + "ffff" + stamp.slice(16) });
  }
  node.accept([{ ...state, id: "01920000-0000-7000-8000-00000000abcd", fields: later }]);
  bench.clock.advance(1000);
  assert.equal((await accounts.users.delete(OPERATOR, first)).kind, "forbidden");
  assert.equal((await accounts.users.delete(OPERATOR, "01920000-0000-7000-8000-00000000abcd")).kind, "deleted");
});

Deno.test("nobody deletes or deactivates themselves", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann", { roles: [ADMIN_ROLE_ID] });
  await bench.user("bob", { roles: [ADMIN_ROLE_ID] });
  const { principal } = await bench.signIn("ann");
  assert.deepEqual(await bench.accounts.users.delete(principal, id), {
    kind: "forbidden",
    reason: "You cannot delete yourself",
  });
  assert.equal((await bench.accounts.users.update(principal, id, { active: false })).kind, "invalid");
  assert.ok(bench.accounts.users.get(id)!.active);
});

Deno.test("who manages users but lacks a permission can neither give it, nor touch who holds it", async () => {
  await using bench = await accountsBench();
  const { users } = bench.accounts;
  const manager = await bench.role("manager", [Permission.ManageUsers]);
  const roles = await bench.role("roles", [Permission.ManageRoles]);
  const admin = await bench.user("root", { roles: [ADMIN_ROLE_ID] });
  const stronger = await bench.user("strong", { roles: [roles] });
  await bench.user("mia", { roles: [manager] });
  const { principal: mia } = await bench.signIn("mia");

  for (const given of [ADMIN_ROLE_ID, roles]) {
    const input = { username: "new", email: "new@x", password: PASSWORD, roles: [given] };
    assert.equal((await users.create(mia, input)).kind, "forbidden");
    assert.equal((await users.update(mia, mia.userId, { roles: [manager, given] })).kind, "forbidden");
  }
  for (const target of [admin, stronger]) {
    assert.equal((await users.update(mia, target, { password: "taken over" })).kind, "forbidden");
    assert.equal((await users.update(mia, target, { email: "mine@x" })).kind, "forbidden");
    assert.equal((await users.resetTotp(mia, target)).kind, "forbidden");
    assert.equal((await users.delete(mia, target)).kind, "forbidden");
  }
  const plain = await users.create(mia, { username: "joe", email: "joe@x", password: PASSWORD, roles: [manager] });
  assert.equal(plain.kind, "created");
});

Deno.test("without Manage Users one changes one's own preferences, and nothing else", async () => {
  await using bench = await accountsBench();
  const { users } = bench.accounts;
  const id = await bench.user("ann");
  const other = await bench.user("bob");
  const { principal } = await bench.signIn("ann");
  const whole = { ...users.get(id)! };
  assert.equal(
    (await users.update(principal, id, { ...whole, preferred_shell: "zsh", email: "new@x" })).kind,
    "updated",
  );
  assert.equal(users.get(id)!.preferred_shell, "zsh");
  for (const change of [{ max_spaces: 9 }, { roles: [ADMIN_ROLE_ID] }, { groups: ["g"] }]) {
    assert.equal((await users.update(principal, id, change)).kind, "forbidden", JSON.stringify(change));
  }
  assert.equal((await users.update(principal, other, { preferred_shell: "zsh" })).kind, "forbidden");
  assert.equal((await users.update(principal, "nobody", { preferred_shell: "zsh" })).kind, "forbidden");
  assert.equal((await users.create(principal, {})).kind, "forbidden");
  assert.equal((await users.delete(principal, other)).kind, "forbidden");
});

Deno.test("secrets() are the owner's, opened only with the key they were sealed under", async () => {
  await using bench = await accountsBench({ config: { encrypt: "k".repeat(32) } });
  const id = await bench.user("ann");
  await bench.accounts.users.update(OPERATOR, id, { service_password: "s3rvice" });
  const { principal } = await bench.signIn("ann");
  assert.equal(bench.accounts.users.secrets(principal)!.service_password, "s3rvice");
  assert.ok(!JSON.stringify(bench.node.get("user", id)!.fields).includes("s3rvice"));
  assert.ok(!JSON.stringify(bench.accounts.users.get(id)).includes("s3rvice"));
  const version = bench.node.get("user", id)!.version;
  await bench.accounts.users.update(OPERATOR, id, { service_password: "s3rvice" });
  assert.equal(bench.node.get("user", id)!.version, version);
});

Deno.test("deleting a user takes their sessions and tokens along", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann");
  const { principal } = await bench.signIn("ann");
  await bench.accounts.tokens.create(principal, { name: "script" });
  assert.equal((await bench.accounts.users.delete(OPERATOR, id)).kind, "deleted");
  assert.equal(bench.node.count("session"), 0);
  assert.equal(bench.node.count("api_token"), 0);
});

Deno.test("writes that the node could not make are told as they are", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann");
  bench.node.failures.push({ kind: "storage_failed", reason: "disk full" });
  assert.deepEqual(await bench.accounts.users.update(OPERATOR, id, { max_spaces: 2 }), {
    kind: "storage_failed",
    reason: "disk full",
  });
  bench.node.failures.push({ kind: "not_found", id });
  assert.deepEqual(await bench.accounts.users.update(OPERATOR, id, { max_spaces: 2 }), { kind: "not_found" });
});
