import assert from "node:assert/strict";
import { apiBench } from "../../tests/fakes/api_bench.ts";
import { PASSWORD } from "../../tests/fakes/accounts_bench.ts";
import { OPERATOR } from "../accounts/mod.ts";
import { ADMIN_ROLE_ID } from "../records/mod.ts";

const USER_FIELDS = [
  "user_id",
  "username",
  "email",
  "service_password",
  "roles",
  "groups",
  "active",
  "max_spaces",
  "compute_units",
  "storage_units",
  "max_tunnels",
  "ssh_public_key",
  "ssh_private_key",
  "github_username",
  "preferred_shell",
  "timezone",
  "current",
  "last_login_at",
  "created_at",
  "updated_at",
  "totp_secret",
  "number_spaces",
  "number_spaces_deployed",
  "number_spaces_deployed_in_zone",
  "used_compute_units",
  "used_storage_units",
  "used_tunnels",
];

Deno.test("users are made, listed, read by id and name, changed and deleted", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const group = await bench.group("devs");
  const made = await bench.send("POST", "/api/users", {
    as,
    body: { username: "ann", email: "ann@example.com", password: PASSWORD, groups: [group], max_spaces: 4 },
  });
  assert.equal(made.status, 201);
  assert.deepEqual(Object.keys(made.body), ["status", "user_id"]);
  assert.equal(made.body.status, true);
  assert.equal(made.headers.get("knot-copies"), "1/1");

  const list = await bench.send("GET", "/api/users?state=active", { as });
  assert.equal(list.body.count, 2);
  const entry = list.body.users.find((user: { username: string }) => user.username === "ann");
  for (const secret of ["service_password", "ssh_private_key", "totp_secret"]) assert.ok(!(secret in entry), secret);

  for (const name of [made.body.user_id, "ann", "ann@example.com"]) {
    const { status, body } = await bench.send("GET", `/api/users/${name}`, { as });
    assert.equal(status, 200);
    for (const field of USER_FIELDS) assert.ok(field in body, field);
    assert.equal(body.current, false);
    assert.equal(body.max_spaces, 4);
  }
  const changed = await bench.send("PUT", "/api/users/ann", { as, body: { max_spaces: 5 } });
  assert.equal(changed.status, 200);
  assert.equal(changed.text, "");
  const quota = await bench.send("GET", "/api/users/ann/quota", { as });
  assert.equal(quota.body.max_spaces, 5);
  const deleted = await bench.send("DELETE", "/api/users/ann", { as });
  assert.deepEqual([deleted.status, deleted.text], [200, ""]);
  assert.equal((await bench.send("GET", "/api/users/ann", { as })).status, 404);
});

Deno.test("broken users are answered field by field, taken names too", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const bad = await bench.send("POST", "/api/users", { as, body: { username: "1", email: "x", password: "y" } });
  assert.equal(bad.status, 400);
  assert.deepEqual(Object.keys(bad.body.fields).sort(), ["email", "password", "username"]);
  assert.match(bad.body.error, /^Invalid user: /);
  const taken = await bench.send("POST", "/api/users", {
    as,
    body: { username: "root", email: "r@x", password: PASSWORD },
  });
  assert.deepEqual([taken.status, taken.body.fields], [400, { username: "is taken" }]);
});

Deno.test("nobody's answers hold a password, a hash or another's secrets", async () => {
  await using bench = await apiBench({ config: { totp: { enabled: true, window: 1, issuer: "Knot" } } });
  const as = await bench.admin();
  await bench.user("ann");
  const enrolled = await bench.send("POST", "/api/auth", { body: { email: "ann@example.com", password: PASSWORD } });
  const { token, totp_secret: secret } = enrolled.body;
  assert.ok(secret.length >= 32);
  await bench.send("PUT", "/api/users/ann", { as: token, body: { service_password: "s3rvice-pw" } });
  await bench.send("POST", "/api/tokens", { as: token, body: { name: "script" } });
  const hidden = ["scrypt", "password_hash", "token_hash", PASSWORD, token];
  const paths = [
    "/api/users",
    "/api/users/ann",
    "/api/users/whoami",
    "/api/users/ann/permissions",
    "/api/sessions",
    "/api/tokens",
    "/api/search?q=ann",
    "/api/permissions",
    "/api/cluster-info",
  ];
  for (const path of paths) {
    const { status, text } = await bench.send("GET", path, { as });
    assert.equal(status, 200, path);
    for (const word of [...hidden, secret, "s3rvice-pw"]) assert.ok(!text.includes(word), `${path} holds ${word}`);
    const own = await bench.send("GET", path, { as: token });
    for (const word of hidden) assert.ok(!own.text.includes(word), `${path} holds ${word} for its owner`);
  }
  const others = await bench.role("users", [0]);
  await bench.accounts.users.update(OPERATOR, "ann", { roles: [others] });
  await bench.user("bob");
  const bob = await bench.send("GET", "/api/users/bob", { as: token });
  assert.deepEqual([bob.status, bob.body.service_password, bob.body.totp_secret], [200, "", ""]);
  const me = await bench.send("GET", "/api/users/whoami", { as: token });
  assert.deepEqual([me.body.service_password, me.body.totp_secret, me.body.current], ["s3rvice-pw", secret, true]);
});

Deno.test("a list of users by a state that does not exist is refused, not everybody", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  for (const state of ["", "all", "active", "inactive"]) {
    assert.equal((await bench.send("GET", `/api/users?state=${state}`, { as })).status, 200, state);
  }
  const { status, body } = await bench.send("GET", "/api/users?state=activ", { as });
  assert.deepEqual([status, body.fields], [400, { state: "must be active, inactive or all" }]);
});

Deno.test("somebody without permissions reads and changes themselves, by id and name", async () => {
  await using bench = await apiBench();
  await bench.user("ann");
  const id = await bench.user("bob");
  const { sessionToken: as } = await bench.signIn("bob");
  for (const name of [id, "bob"]) {
    assert.equal((await bench.send("GET", `/api/users/${name}`, { as })).status, 200);
    assert.deepEqual((await bench.send("GET", `/api/users/${name}/permissions`, { as })).body, { permissions: [] });
  }
  assert.equal((await bench.send("PUT", "/api/users/bob", { as, body: { timezone: "Europe/Paris" } })).status, 200);
  assert.equal((await bench.send("PUT", "/api/users/bob", { as, body: { max_spaces: 9 } })).status, 403);
  for (const path of ["/api/users/ann", "/api/users/nobody", "/api/users", "/api/users/ann/quota"]) {
    assert.equal((await bench.send("GET", path, { as })).status, 403, path);
  }
});

Deno.test("has-permission asks what roles carry now", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const role = await bench.role("vars", [6, 4000]);
  await bench.user("ann", { roles: [role] });
  const has = async (n: unknown) => await bench.send("GET", `/api/users/ann/has-permission?permission=${n}`, { as });
  assert.deepEqual((await has(6)).body, { has_permission: true });
  assert.deepEqual((await has(4000)).body, { has_permission: true });
  assert.deepEqual((await has(0)).body, { has_permission: false });
  assert.equal((await has("x")).status, 400);
  await bench.send("PUT", "/api/roles/vars", { as, body: { permissions: [] } });
  assert.deepEqual((await has(6)).body, { has_permission: false });
});

Deno.test("the last admin and oneself cannot be deleted", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  assert.equal((await bench.send("DELETE", "/api/users/root", { as })).status, 403);
  const stripped = await bench.send("PUT", "/api/users/root", { as, body: { roles: [] } });
  assert.deepEqual([stripped.status, Object.keys(stripped.body.fields)], [400, ["roles"]]);
});

Deno.test("roles are listed without and read with their permissions; the admin role stays as it is", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const { body: made } = await bench.send("POST", "/api/roles", {
    as,
    body: { name: "ops", permissions: [12, 0, 12] },
  });
  const list = await bench.send("GET", "/api/roles", { as });
  assert.deepEqual(list.body, {
    count: 2,
    roles: [{ role_id: ADMIN_ROLE_ID, name: "Admin" }, { role_id: made.role_id, name: "ops" }],
  });
  const one = await bench.send("GET", "/api/roles/ops", { as });
  assert.deepEqual(one.body.permissions, [0, 12]);
  for (const method of ["PUT", "DELETE"]) {
    const body = method === "PUT" ? { name: "x" } : undefined;
    assert.equal((await bench.send(method, `/api/roles/${ADMIN_ROLE_ID}`, { as, body })).status, 403);
  }
  assert.equal((await bench.send("DELETE", "/api/roles/ops", { as })).status, 200);
});

Deno.test("groups are made, listed, changed and deleted", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const { body: made } = await bench.send("POST", "/api/groups", { as, body: { name: "devs", compute_units: 8 } });
  assert.equal((await bench.send("POST", "/api/groups", { as, body: { name: "devs" } })).status, 400);
  const { body: list } = await bench.send("GET", "/api/groups", { as });
  assert.equal(list.count, 1);
  for (const field of ["group_id", "name", "max_spaces", "compute_units", "storage_units", "max_tunnels"]) {
    assert.ok(field in list.groups[0], field);
  }
  assert.equal((await bench.send("PUT", `/api/groups/${made.group_id}`, { as, body: { name: "makers" } })).status, 200);
  assert.equal((await bench.send("GET", "/api/groups/makers", { as })).body.compute_units, 8);
  assert.equal((await bench.send("DELETE", "/api/groups/makers", { as })).status, 200);
  assert.equal((await bench.send("GET", "/api/groups/makers", { as })).status, 404);
});
