import assert from "node:assert/strict";
import { OPERATOR } from "../../accounts/mod.ts";
import { ADMIN_ROLE_ID } from "../../records/mod.ts";
import { PASSWORD } from "../../../tests/fakes/accounts_bench.ts";
import { uiBench } from "../../../tests/fakes/ui_bench.ts";

Deno.test("users change their own profile without any permission", async () => {
  await using bench = await uiBench();
  await bench.user("ann");
  const ann = await bench.visitor("ann");
  const answer = await ann.submit("/account", {
    email: "ann@new.example",
    preferred_shell: "zsh",
    password: "ignored",
  });
  assert.equal(answer.status, 404, "the form says where it goes");
  const html = await (await ann.get("/account")).text();
  const base = /name="base" value="([^"]*)"/.exec(html)![1].replaceAll("&quot;", '"');
  const saved = await ann.post("/account/profile", {
    base,
    email: "ann@new.example",
    preferred_shell: "zsh",
    roles: "x",
  });
  assert.equal(saved.headers.get("Location"), "/account");
  assert.equal(bench.accounts.users.get("ann")?.preferred_shell, "zsh");
  assert.equal(bench.accounts.users.get("ann")?.email, "ann@new.example");
});

Deno.test("a new password must be typed twice, and ends the other sessions", async () => {
  await using bench = await uiBench();
  await bench.user("ann");
  const [here, elsewhere] = [await bench.visitor("ann"), await bench.visitor("ann")];
  const change = (password: string, password_again: string) =>
    here.post("/account/password", { current_password: PASSWORD, password, password_again });
  const differing = await change("new password", "other");
  assert.equal(differing.status, 422);
  assert.match(await differing.text(), /differs from the new password/);
  const short = await change("short", "short");
  assert.equal(short.status, 422);
  bench.clock.advance(1_000);
  await change("new password", "new password");
  assert.match(await (await here.get("/account")).text(), /Changed your password/);
  assert.equal((await elsewhere.get("/account")).status, 303);
});

Deno.test("an unlocked browser is not enough to change a password", async () => {
  await using bench = await uiBench();
  await bench.user("ann");
  const ann = await bench.visitor("ann");
  const change = (current_password: string) =>
    ann.post("/account/password", { current_password, password: "new password", password_again: "new password" });
  for (const wrong of ["", "wrong horse"]) {
    const answer = await change(wrong);
    assert.equal(answer.status, 422);
    assert.match(await answer.text(), /Present password is wrong/);
  }
  for (let tries = 0; tries < 10; tries++) await change("guess");
  assert.match(await (await change(PASSWORD)).text(), /was wrong too often: try again in \d+ seconds/);
  const me = bench.accounts.users.get("ann")!.user_id;
  await bench.accounts.users.update(OPERATOR, me, { roles: [ADMIN_ROLE_ID] });
  await ann.post(`/users/${me}/edit`, { email: "ann@example.com", roles: ADMIN_ROLE_ID, password: "new password" });
  assert.equal((await ann.get("/account")).status, 200, "nor is the page of users");
  assert.equal((await bench.signIn("ann")).principal.userId, me);
  bench.clock.advance(30_000);
  assert.equal((await change(PASSWORD)).headers.get("Location"), "/account");
});

Deno.test("a new token is shown once and works; deleting it asks first", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const html = await (await root.post("/account/tokens", { name: "backup" })).text();
  const bearer = /class="secret">([^<]+)</.exec(html)![1];
  assert.equal(bench.accounts.signIn.authenticate({ bearer, ip: "", userAgent: "" })?.username, "root");
  const listed = await (await root.get("/account")).text();
  assert.ok(listed.includes("backup") && !listed.includes(bearer));
  const path = /href="(\/account\/tokens\/[^"]+\/delete)"/.exec(listed)![1];
  assert.match(await (await root.get(path)).text(), /Delete token “backup”\?/);
  assert.equal((await root.post(path)).status, 303);
  assert.equal(bench.accounts.signIn.authenticate({ bearer, ip: "", userAgent: "" }), undefined);
});

Deno.test("a token without a name is refused beside its field", async () => {
  await using bench = await uiBench();
  const answer = await (await bench.visitor("root")).post("/account/tokens", { name: " " });
  assert.equal(answer.status, 422);
  assert.match(await answer.text(), /id="name-error"/);
});

Deno.test("one's other sessions are listed and can be ended, nobody else's", async () => {
  await using bench = await uiBench();
  await bench.user("ann");
  const [root, elsewhere, ann] = [await bench.visitor("root"), await bench.visitor("root"), await bench.visitor("ann")];
  const html = await (await root.get("/account")).text();
  const path = /action="(\/account\/sessions\/[^"]+\/delete)"/.exec(html)![1];
  await ann.post(path);
  assert.equal((await elsewhere.get("/account")).status, 200);
  assert.equal((await root.post(path)).status, 303);
  assert.equal((await elsewhere.get("/account")).status, 303);
  assert.equal((await root.get("/account")).status, 200);
});
