import assert from "node:assert/strict";
import { type AccountsBench, accountsBench, CALLER, PASSWORD } from "../../tests/fakes/accounts_bench.ts";
import { systemEntropy } from "../base/mod.ts";
import { createTemplates } from "../templates/mod.ts";
import { audited, OPERATOR } from "./mod.ts";

async function entries(bench: AccountsBench) {
  const { items } = await bench.accounts.audit.find({}, { start: 0, itemsMax: 1_000 });
  return items.toReversed();
}

Deno.test("each change of a user is noted with who made it and which fields, never a value", async () => {
  await using bench = await accountsBench();
  const { users } = bench.accounts;
  const id = await bench.user("ann");
  await users.update(OPERATOR, "ann", { password: "the new password", max_spaces: 7, email: "ann@example.com" });
  await users.update(OPERATOR, id, { max_spaces: 7 });
  await users.resetTotp(OPERATOR, id);
  await users.update(OPERATOR, id, { email: "no address" });
  await users.delete(OPERATOR, "ann");
  const noted = await entries(bench);
  assert.deepEqual(noted.map(({ event, details, properties }) => [event, details, properties.changed]), [
    ["User Create", "Created user ann", undefined],
    ["User Update", "Updated user ann", "max_spaces, password"],
    ["User Update", "Reset the one-time codes of ann", "totp_secret"],
    ["User Delete", "Deleted user ann", undefined],
  ]);
  for (const { actor, actor_type, properties } of noted) {
    assert.deepEqual([actor, actor_type, properties.via, properties.id], ["operator", "System", "console", id]);
  }
  assert.ok(!JSON.stringify(noted).includes("the new password"));
});

Deno.test("groups, roles and tokens are noted, too", async () => {
  await using bench = await accountsBench();
  const { groups, roles, tokens } = bench.accounts;
  await bench.user("ann");
  const { principal } = await bench.signIn("ann");
  await bench.group("devs");
  await groups.update(OPERATOR, "devs", { name: "makers" });
  await groups.delete(OPERATOR, "makers");
  await bench.role("editors", [1]);
  await roles.update(OPERATOR, "editors", { permissions: [1, 4] });
  const made = await tokens.create(principal, { name: "backup" });
  assert.ok(made.kind === "created");
  await tokens.delete(principal, made.id);
  const noted = (await entries(bench)).map(({ actor, event, details }) => [actor, event, details]);
  assert.deepEqual(noted.slice(2), [
    ["operator", "Group Create", "Created group devs"],
    ["operator", "Group Update", "Updated group makers"],
    ["operator", "Group Delete", "Deleted group makers"],
    ["operator", "Role Create", "Created role editors"],
    ["operator", "Role Update", "Updated role editors"],
    ["ann", "Token Create", "Created token backup"],
    ["ann", "Token Delete", "Deleted token backup"],
  ]);
  assert.ok(!JSON.stringify(await entries(bench)).includes(made.bearer));
});

Deno.test("signing in, failing to and signing out are noted, with nothing that was typed", async () => {
  await using bench = await accountsBench();
  const { signIn, sessions } = bench.accounts;
  await bench.user("ann");
  const { principal } = await bench.signIn("ann");
  await signIn.signIn({ email: "ann@example.com", password: "wrong horse" }, CALLER);
  await signIn.signIn({ email: `my ${PASSWORD}`, password: "x" }, CALLER);
  await sessions.delete(principal, principal.credential.id);
  const noted = (await entries(bench)).slice(1);
  assert.deepEqual(noted.map(({ actor, event, details }) => [actor, event, details]), [
    ["ann", "Login Success", "ann signed in"],
    ["ann", "Login Failed", "wrong password"],
    ["", "Login Failed", "no user has this email"],
    ["ann", "Logout", "ann signed out"],
  ]);
  assert.equal(noted[1].properties.ip, CALLER.ip);
  for (const typed of ["wrong horse", PASSWORD]) assert.ok(!JSON.stringify(noted).includes(typed));
});

Deno.test("the first-run setup is noted", async () => {
  await using bench = await accountsBench({ ready: false });
  const { setup } = bench.accounts;
  const token = /token=(\S+?)"/.exec(JSON.stringify(bench.log.lines))![1];
  assert.equal(setup.needed, true);
  const root = { username: "root", email: "root@example.com", password: PASSWORD };
  assert.equal((await setup.setUp({ token, ...root }, CALLER)).kind, "set_up");
  const [entry] = await entries(bench);
  assert.deepEqual([entry.actor, entry.event], ["root", "Setup"]);
});

Deno.test("a value that is never shown is noted when it changed, and only then; imports are noted, too", async () => {
  await using bench = await accountsBench();
  const { audit } = bench.accounts;
  const { node, clock } = bench;
  const { templates, variables: plain } = createTemplates({ node, clock, entropy: systemEntropy, zone: "au" });
  const variables = audited(plain, audit, {
    what: "Variable",
    read: (viewer, id) => plain.get(viewer, id),
    secrets: ["value"],
  });
  await variables.create(OPERATOR, { name: "open", value: "blue" });
  await variables.update(OPERATOR, "open", { value: "blue", restricted: true });
  await variables.create(OPERATOR, { name: "shut", value: "s3cret", protected: true });
  await variables.update(OPERATOR, "shut", { value: "s3cret" });
  await variables.update(OPERATOR, "shut", { value: "oth3r" });
  const read = (viewer: typeof OPERATOR, id: string) => templates.get(viewer, id);
  await audited(templates, audit, { what: "Template", read }).import(OPERATOR, "name: deb\nplatform: docker\n");
  const noted = await entries(bench);
  assert.deepEqual(noted.map(({ details, properties }) => [details, properties.changed ?? properties.by]), [
    ["Created variable open", undefined],
    ["Updated variable open", "restricted"],
    ["Created variable shut", undefined],
    ["Updated variable shut", "value"],
    ["Created template deb", "import"],
  ]);
  assert.ok(!/s3cret|oth3r|blue/.test(JSON.stringify(noted)));
});
