import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type AccountsBench, accountsBench, CALLER, PASSWORD } from "../../tests/fakes/accounts_bench.ts";
import { type Clock, systemClock } from "../base/mod.ts";
import { ADMIN_ROLE_ID } from "../records/mod.ts";
import { type Admin, type CreateUserOutcome, localAdmin } from "./mod.ts";

const anna = { username: "anna", email: "anna@example.com", password: PASSWORD, roles: [] };
const ben = { username: "ben", email: "ben@example.com", password: PASSWORD, roles: ["editor"] };

Deno.test("createUser() gives the admin role where no active admin is left, and only then", async () => {
  await using bench = await accountsBench();
  const { users } = bench.accounts;
  const editor = await bench.role("editor", [1]);
  const admin = adminOf(bench);
  deepStrictEqual(created(await admin.createUser(anna)), { admin: true, setUp: false });
  deepStrictEqual(created(await admin.createUser(ben)), { admin: false, setUp: false });
  deepStrictEqual(users.get("anna")!.roles, [ADMIN_ROLE_ID]);
  deepStrictEqual(users.get("ben")!.roles, [editor]);

  // Past the accounts, which keep the last admin: so it comes out when two sides of a partition each remove one.
  const { user_id } = users.get("anna")!;
  strictEqual((await bench.node.write([{ op: "delete", kind: "user", id: user_id }])).kind, "committed");
  deepStrictEqual(created(await admin.createUser({ ...ben, username: "cleo", email: "cleo@example.com" })), {
    admin: true,
    setUp: false,
  });
  deepStrictEqual(new Set(users.get("cleo")!.roles), new Set([editor, ADMIN_ROLE_ID]));
});

Deno.test("createUser() does not count an admin who cannot sign in for a clash of names", async () => {
  await using here = await accountsBench();
  await using there = await accountsBench();
  await there.user("anna"); // The earlier one owns the name, and is no admin.
  here.clock.advance(60_000);
  await adminOf(here).createUser(anna);
  here.node.accept(there.node.states.values());
  ok(here.accounts.users.list().some((user) => user.in_conflict && user.roles.includes(ADMIN_ROLE_ID)));
  const outcome = await adminOf(here).createUser({ ...anna, username: "dora", email: "dora@example.com" });
  ok(created(outcome).admin);
});

Deno.test("createUser() takes roles by name or id, once each, and tells which is unknown or which name is taken", async () => {
  await using bench = await accountsBench();
  const editor = await bench.role("editor", [1]);
  const admin = adminOf(bench);
  await admin.createUser({ ...anna, roles: ["editor", ADMIN_ROLE_ID, editor] });
  deepStrictEqual(new Set(bench.accounts.users.get("anna")!.roles), new Set([editor, ADMIN_ROLE_ID]));
  const unknown = await admin.createUser({ ...ben, roles: ["edtior"] });
  strictEqual(unknown.kind, "invalid");
  match((unknown as { fields: Record<string, string> }).fields.roles, /edtior/);
  const taken = await admin.createUser(anna);
  strictEqual(taken.kind, "name_taken");
  ok("username" in (taken as { fields: Record<string, string> }).fields);
});

Deno.test("createUser() sets an empty server up, without waiting for the token to be shown to anybody", async () => {
  await using bench = await accountsBench({ ready: false });
  deepStrictEqual(created(await adminOf(bench).createUser(anna)), { admin: true, setUp: true });
  deepStrictEqual(bench.accounts.users.get("anna")!.roles, [ADMIN_ROLE_ID]);
  ok((await bench.signIn("anna")).principal.admin);
});

Deno.test("createUser() on an empty server refuses roles that cannot exist yet", async () => {
  await using bench = await accountsBench({ ready: false });
  const outcome = await adminOf(bench).createUser({ ...anna, roles: ["auditor"] });
  deepStrictEqual(outcome, { kind: "invalid", fields: { roles: 'has the unknown role "auditor"' } });
  strictEqual(bench.node.status().readiness.kind, "setup_needed");
});

Deno.test("createUser() makes nobody on a server that still looks for its cluster", async () => {
  await using bench = await accountsBench({ ready: false });
  bench.node.setReadiness({ kind: "joining", tried: [] });
  deepStrictEqual(await adminOf(bench).createUser(anna), { kind: "joining" });
  deepStrictEqual(bench.accounts.users.list(), []);
});

Deno.test("createUser() names the token's file when it cannot be read, after waiting two seconds for it", async () => {
  await using bench = await accountsBench({ ready: false });
  let waitedMs = 0;
  const after: Clock["after"] = (delayMs, callback) => {
    waitedMs += delayMs;
    queueMicrotask(callback);
    return () => {};
  };
  const admin = localAdmin({ ...bench, dataDir: "/nowhere", clock: { ...systemClock, after } });
  const outcome = await admin.createUser(anna);
  strictEqual(waitedMs, 2_000);
  match((outcome as { reason: string }).reason, /"\/nowhere\/setup-token" is missing or old/);
});

Deno.test("createUser() and setPassword() tell why nothing was committed", async () => {
  await using bench = await accountsBench();
  const admin = adminOf(bench);
  await admin.createUser(anna);
  bench.node.failures.push({ kind: "storage_failed", reason: "the disk is full" });
  deepStrictEqual(await admin.createUser({ ...ben, roles: [] }), { kind: "failed", reason: "the disk is full" });
  bench.node.failures.push({ kind: "unavailable", reason: "the server is stopping" });
  const change = { user: "anna", password: "battery staple" };
  deepStrictEqual(await admin.setPassword(change), { kind: "failed", reason: "the server is stopping" });
});

Deno.test("setPassword() finds the user by id, username or email, and ends the sessions", async () => {
  await using bench = await accountsBench();
  const admin = adminOf(bench);
  const id = await bench.user("anna");
  const { sessionToken } = await bench.signIn("anna");
  for (const user of [id, "anna", "anna@example.com"]) {
    bench.clock.advance(1_000);
    const password = `battery staple ${user}`;
    deepStrictEqual(await admin.setPassword({ user, password }), { kind: "updated", username: "anna" });
    const signIn = await bench.accounts.signIn.signIn({ email: "anna@example.com", password }, CALLER);
    strictEqual(signIn.kind, "signed_in");
  }
  strictEqual(bench.accounts.signIn.authenticate({ sessionToken, ...CALLER }), undefined);
  deepStrictEqual(await admin.setPassword({ user: "nobody", password: PASSWORD }), { kind: "not_found" });
});

Deno.test("setPassword() refuses a short password, and the empty one, which elsewhere means no change", async () => {
  await using bench = await accountsBench();
  await bench.user("anna");
  for (const password of ["", "short"]) {
    strictEqual((await adminOf(bench).setPassword({ user: "anna", password })).kind, "invalid");
  }
  await bench.signIn("anna"); // With the password from before.
});

/** Over the bench's accounts, but on real time: what it waits for is a real file. */
function adminOf({ node, accounts, dataDir, check }: AccountsBench): Admin {
  return localAdmin({ node, accounts, dataDir, check });
}

/** What tests look at of an outcome that must be a success. */
function created(outcome: CreateUserOutcome): { admin: boolean; setUp: boolean } {
  if (outcome.kind !== "created") throw new Error(`not created: ${JSON.stringify(outcome)}`);
  return { admin: outcome.admin, setUp: outcome.setUp };
}
