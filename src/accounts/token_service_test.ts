import assert from "node:assert/strict";
import { accountsBench, CALLER } from "../../tests/fakes/accounts_bench.ts";
import { OPERATOR } from "./mod.ts";

const DAY_MS = 24 * 3_600_000;

Deno.test("a token is shown once, found by what it is, and stored as a hash", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  const { principal } = await bench.signIn("ann");
  const made = await bench.accounts.tokens.create(principal, { name: "script" });
  assert.ok(made.kind === "created");
  assert.match(made.bearer, /^knot_[\w-]{43}$/);
  assert.ok(!JSON.stringify(bench.node.list("api_token").map(({ fields }) => fields)).includes(made.bearer));
  const [listed] = bench.accounts.tokens.list(principal);
  assert.deepEqual([listed.token_id, listed.name, [...listed.scopes]], [made.id, "script", []]);
  const who = bench.accounts.signIn.authenticate({ bearer: made.bearer, ...CALLER })!;
  assert.deepEqual([who.username, who.credential.kind, who.credential.id], ["ann", "token", made.id]);
});

Deno.test("a token expires 14 days after its last use, and outlives a change of password", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann");
  const { principal } = await bench.signIn("ann");
  const made = await bench.accounts.tokens.create(principal, { name: "script" });
  assert.ok(made.kind === "created");
  const use = async () => {
    const known = bench.accounts.signIn.authenticate({ bearer: made.bearer, ...CALLER }) !== undefined;
    for (let i = 0; i < 10; i++) await Promise.resolve();
    return known;
  };
  for (let i = 0; i < 3; i++) {
    bench.clock.advance(13 * DAY_MS);
    assert.ok(await use());
  }
  await bench.accounts.users.update(OPERATOR, id, { password: "another horse" });
  assert.ok(await use());
  bench.clock.advance(14 * DAY_MS + 1);
  assert.ok(!await use());
});

Deno.test("names and scopes are checked, and there are a hundred at most", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  const { principal } = await bench.signIn("ann");
  const { tokens } = bench.accounts;
  for (
    const input of [{}, { name: "" }, { name: "x".repeat(256) }, { name: "a", scopes: ["everything"] }, {
      name: "a",
      scopes: "mcp",
    }]
  ) {
    assert.equal((await tokens.create(principal, input)).kind, "invalid", JSON.stringify(input));
  }
  for (let i = 0; i < 100; i++) {
    assert.equal((await tokens.create(principal, { name: "t", scopes: null })).kind, "created");
  }
  const refused = await tokens.create(principal, { name: "t" });
  assert.ok(refused.kind === "invalid" && refused.fields.name.includes("100"));
  assert.equal((await tokens.create(OPERATOR, { name: "t" })).kind, "forbidden");
});

Deno.test("others' tokens are not found", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  await bench.user("bob");
  const { principal: ann } = await bench.signIn("ann");
  const { principal: bob } = await bench.signIn("bob");
  const { tokens } = bench.accounts;
  const made = await tokens.create(ann, { name: "script" });
  assert.ok(made.kind === "created");
  for (const id of [made.id, made.bearer]) {
    assert.equal((await tokens.delete(bob, id)).kind, "not_found");
    assert.equal((await tokens.update(bob, id, { name: "mine" })).kind, "not_found");
  }
  assert.equal((await tokens.update(ann, made.id, { name: "renamed" })).kind, "updated");
  assert.equal(tokens.list(ann)[0].name, "renamed");
  assert.equal((await tokens.delete(ann, made.bearer)).kind, "deleted");
  assert.deepEqual(tokens.list(ann), []);
});
