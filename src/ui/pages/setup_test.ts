import assert from "node:assert/strict";
import { uiBench } from "../../../tests/fakes/ui_bench.ts";

const GOOD = {
  username: "root",
  email: "root@example.com",
  password: "correct horse",
  password_again: "correct horse",
};

Deno.test("an empty server sends everybody to the setup page, which a link with the token fills in", async () => {
  await using bench = await uiBench({ ready: false });
  const visitor = await bench.visitor();
  assert.equal((await visitor.get("/users")).headers.get("Location"), "/setup");
  const token = await setupToken(bench.dataDir);
  const html = await (await visitor.get(`/setup?token=${token}`)).text();
  assert.ok(html.includes(`type="hidden" name="token" value="${token}"`));
  const old = await visitor.get("/setup?token=abc");
  assert.equal(old.status, 403, "an old link says so before the form is filled in");
  assert.match(await old.text(), /This link does not work any more/);
  assert.match(await (await visitor.get("/setup")).text(), /\/var\/lib\/knot\/setup-token/);
});

Deno.test("setup without the right token makes nobody, and keeps what was typed", async () => {
  await using bench = await uiBench({ ready: false });
  const answer = await (await bench.visitor()).post("/setup", { ...GOOD, token: "wrong" });
  assert.equal(answer.status, 403);
  const html = await answer.text();
  assert.match(html, /value="root@example\.com"/);
  assert.ok(!html.includes("correct horse"));
  assert.equal(bench.accounts.users.list().length, 0);
});

Deno.test("setup with the token makes the administrator, once", async () => {
  await using bench = await uiBench({ ready: false });
  const token = await setupToken(bench.dataDir);
  const visitor = await bench.visitor();
  const mismatch = await visitor.post("/setup", { ...GOOD, token, password_again: "other" });
  assert.equal(mismatch.status, 422);
  assert.match(await mismatch.text(), /differs from the password/);
  const answer = await visitor.post("/setup", { ...GOOD, token });
  assert.equal(answer.headers.get("Location"), "/", "signed in at once");
  assert.match(await (await visitor.get("/")).text(), /Hello root/);
  assert.equal(bench.accounts.users.get("root")?.email, "root@example.com");
  assert.equal((await visitor.get(`/setup?token=${token}`)).headers.get("Location"), "/login");
  assert.equal((await visitor.post("/setup", { ...GOOD, username: "eve", email: "eve@x.org", token })).status, 303);
  assert.equal(bench.accounts.users.list().length, 1);
});

Deno.test("the setup page speaks of a cluster only where there is one", async () => {
  await using bench = await uiBench({ ready: false });
  const heading = async () => /<h1>([^<]+)</.exec(await (await (await bench.visitor()).get("/setup")).text())![1];
  assert.equal(await heading(), "Set up this server");
  bench.node.setStatus({ clustered: true });
  assert.equal(await heading(), "Set up this cluster");
});

Deno.test("the first administrator enrols for one-time codes where they are asked for", async () => {
  const totp = { enabled: true, window: 1, issuer: "Knot" };
  await using bench = await uiBench({ ready: false, config: { totp } });
  const token = await setupToken(bench.dataDir);
  const html = await (await (await bench.visitor()).post("/setup", { ...GOOD, token })).text();
  assert.match(html, /class="secret">[A-Z2-7]{16,}</);
});

async function setupToken(dataDir: string): Promise<string> {
  const deadlineMs = Date.now() + 5_000;
  while (true) {
    const text = await Deno.readTextFile(`${dataDir}/setup-token`).catch(() => "");
    if (text !== "") return text.trim();
    if (Date.now() > deadlineMs) throw new Error("Cannot read the setup token: it was not written within 5 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
