import assert from "node:assert/strict";
import { PASSWORD } from "../../../tests/fakes/accounts_bench.ts";
import { uiBench } from "../../../tests/fakes/ui_bench.ts";
import { localPath } from "./sign_in.tsx";

Deno.test("signing in sets a cookie that scripts and other sites do not get, and goes where the visitor wanted", async () => {
  await using bench = await uiBench();
  const visitor = await bench.visitor();
  const answer = await visitor.post("/login", { email: "root@example.com", password: PASSWORD, next: "/users?q=a" });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("Location"), "/users?q=a");
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith("__KNOT_WEBUI_SESSION="))!;
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Lax/);
  assert.ok(!/Secure/.test(cookie));
  assert.equal((await visitor.get("/users")).status, 200);
});

Deno.test("the cookie is Secure for visitors who came by https through a proxy", async () => {
  await using bench = await uiBench({ url: "https://knot.example:3000" });
  const answer = await (await bench.visitor()).post("/login", { email: "root@example.com", password: PASSWORD });
  assert.match(answer.headers.getSetCookie()[0], /Secure/);
});

Deno.test("a wrong password keeps the email, says nothing of the cause, and sets no cookie", async () => {
  await using bench = await uiBench();
  const answer = await (await bench.visitor()).post("/login", { email: "root@example.com", password: "wrong" });
  assert.equal(answer.status, 401);
  assert.equal(answer.headers.getSetCookie().length, 0);
  const html = await answer.text();
  assert.match(html, /value="root@example\.com"/);
  assert.match(html, /Email or password is wrong/);
  assert.ok(!html.includes('wrong"'));
});

Deno.test("one-time codes are asked for only where they are used; the first sign-in shows the secret once", async () => {
  await using plain = await uiBench();
  assert.ok(!(await (await (await plain.visitor()).get("/login")).text()).includes("totp_code"));
  await using bench = await uiBench({ config: { totp: { enabled: true, window: 1, issuer: "Knot" } } });
  const visitor = await bench.visitor();
  assert.match(await (await visitor.get("/login")).text(), /name="totp_code"/);
  const rejected = await visitor.post("/login", { email: "root@example.com", password: "wrong" });
  assert.match(await rejected.text(), /Email, password or one-time code is wrong/);
  const html = await (await visitor.post("/login", { email: "root@example.com", password: PASSWORD })).text();
  assert.match(html, /<svg class="code-image"/);
  assert.match(html, /class="secret">[A-Z2-7]{16,}</);
});

Deno.test("signing out ends the session itself, not the cookie alone", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  assert.equal(bench.node.count("session"), 1);
  const answer = await root.post("/logout");
  assert.equal(answer.headers.get("Location"), "/login");
  assert.equal(bench.node.count("session"), 0);
  assert.equal((await root.get("/")).status, 303);
});

Deno.test("localPath() leads nowhere else", () => {
  assert.equal(localPath("/users?q=a"), "/users?q=a");
  for (const evil of ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "", undefined]) {
    assert.equal(localPath(evil), "/", String(evil));
  }
  assert.equal(localPath("/.//evil.example"), "/evil.example");
});
