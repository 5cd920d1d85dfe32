import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { type Clock, systemClock } from "../base/mod.ts";
import { ADMIN_ROLE_ID } from "../records/mod.ts";
import { localAdmin } from "./local_admin.ts";
import { EDITOR_ROLE_ID, fakeServer } from "./fake_server.ts";

const anna = { username: "anna", email: "anna@example.com", password: "correct horse", roles: [] };
const ben = { username: "ben", email: "ben@example.com", password: "correct horse", roles: ["editor"] };

Deno.test("createUser() gives the admin role where no active admin is left, and only then", async () => {
  const server = fakeServer({ lineage: "lineage" });
  const admin = localAdmin({ ...server, dataDir: "/nowhere" });
  deepStrictEqual(await admin.createUser(anna), { kind: "created", userId: "user-1", admin: true, setUp: false });
  deepStrictEqual(await admin.createUser(ben), { kind: "created", userId: "user-2", admin: false, setUp: false });
  deepStrictEqual(server.users.map(({ roles }) => roles), [[ADMIN_ROLE_ID], [EDITOR_ROLE_ID]]);

  server.users[0].active = false;
  ok((await admin.createUser({ ...ben, username: "cleo" }) as { admin: boolean }).admin);
  deepStrictEqual(server.users[2].roles, [EDITOR_ROLE_ID, ADMIN_ROLE_ID]);

  server.users[2].in_conflict = true; // Cannot sign in, and so is no admin that helps.
  ok((await admin.createUser({ ...ben, username: "dora" }) as { admin: boolean }).admin);
});

Deno.test("createUser() takes roles by name or id, once each, and says which is unknown", async () => {
  const server = fakeServer({ lineage: "lineage" });
  const admin = localAdmin({ ...server, dataDir: "/nowhere" });
  await admin.createUser({ ...anna, roles: ["Admin", ADMIN_ROLE_ID, "editor"] });
  deepStrictEqual(server.users[0].roles, [ADMIN_ROLE_ID, EDITOR_ROLE_ID]);
  const outcome = await admin.createUser({ ...ben, roles: ["edtior"] });
  deepStrictEqual(outcome, { kind: "invalid", fields: { roles: 'has the unknown role "edtior"' } });
});

Deno.test("createUser() tells of a taken name", async () => {
  const admin = localAdmin({ ...fakeServer({ lineage: "lineage" }), dataDir: "/nowhere" });
  await admin.createUser(anna);
  deepStrictEqual(await admin.createUser(anna), { kind: "name_taken", fields: { username: "is taken" } });
});

Deno.test("createUser() sets an empty server up with the token in the data folder, also when that is written late", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const server = fakeServer({ lineage: undefined });
    const creating = localAdmin({ ...server, dataDir }).createUser(anna);
    await Deno.writeTextFile(join(dataDir, "setup-token"), `${server.token}\n`);
    deepStrictEqual(await creating, { kind: "created", userId: "user-1", admin: true, setUp: true });
    strictEqual(server.users[0].password, "correct horse");
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("createUser() on an empty server refuses roles that cannot exist yet", async () => {
  const server = fakeServer({ lineage: undefined });
  const outcome = await localAdmin({ ...server, dataDir: "/nowhere" }).createUser({ ...anna, roles: ["auditor"] });
  deepStrictEqual(outcome, { kind: "invalid", fields: { roles: 'has the unknown role "auditor"' } });
  strictEqual(server.readiness.kind, "setup_needed");
});

Deno.test("createUser() makes nobody on a server that still looks for its cluster", async () => {
  const server = fakeServer({ lineage: undefined });
  server.readiness = { kind: "joining", tried: [] };
  deepStrictEqual(await localAdmin({ ...server, dataDir: "/nowhere" }).createUser(anna), { kind: "joining" });
  deepStrictEqual(server.users, []);
});

Deno.test("createUser() names the token's file when it cannot be used", async () => {
  const server = fakeServer({ lineage: undefined });
  let waitedMs = 0;
  const after: Clock["after"] = (delayMs, callback) => {
    waitedMs += delayMs;
    queueMicrotask(callback);
    return () => {};
  };
  const admin = localAdmin({ ...server, dataDir: "/nowhere", clock: { ...systemClock, after } });
  const outcome = await admin.createUser(anna);
  strictEqual(waitedMs, 2_000);
  strictEqual(outcome.kind, "failed");
  match((outcome as { reason: string }).reason, /"\/nowhere\/setup-token" is missing or old/);
});

Deno.test("setPassword() finds the user by id, username or email", async () => {
  const server = fakeServer({ lineage: "lineage" });
  const admin = localAdmin({ ...server, dataDir: "/nowhere" });
  await admin.createUser(anna);
  for (const user of ["user-1", "anna", "anna@example.com"]) {
    const password = `battery staple ${user}`;
    deepStrictEqual(await admin.setPassword({ user, password }), { kind: "updated", username: "anna" });
    strictEqual(server.users[0].password, password);
  }
  deepStrictEqual(await admin.setPassword({ user: "nobody", password: "correct horse" }), { kind: "not_found" });
});

Deno.test("setPassword() refuses a short password, and the empty one, which elsewhere means no change", async () => {
  const server = fakeServer({ lineage: "lineage" });
  const admin = localAdmin({ ...server, dataDir: "/nowhere" });
  await admin.createUser(anna);
  for (const password of ["", "short"]) {
    strictEqual((await admin.setPassword({ user: "anna", password })).kind, "invalid");
  }
  strictEqual(server.users[0].password, anna.password);
});
