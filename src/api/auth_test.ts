import assert from "node:assert/strict";
import { apiBench } from "../../tests/fakes/api_bench.ts";
import { PASSWORD } from "../../tests/fakes/accounts_bench.ts";

const COOKIE = "__KNOT_WEBUI_SESSION";

Deno.test("signing in gives a bearer value, signing out ends it", async () => {
  await using bench = await apiBench();
  await bench.user("ann");
  const signedIn = await bench.send("POST", "/api/auth", { body: { email: "Ann@example.com", password: PASSWORD } });
  assert.equal(signedIn.status, 200);
  assert.deepEqual(Object.keys(signedIn.body), ["status", "token", "totp_secret"]);
  assert.equal(signedIn.headers.get("set-cookie"), null);
  const as = signedIn.body.token;
  assert.deepEqual((await bench.send("GET", "/api/ping", { as })).body, { status: true, version: "1.2.3", zone: "au" });
  assert.deepEqual((await bench.send("POST", "/api/auth/logout", { as })).body, { status: true });
  assert.equal((await bench.send("GET", "/api/ping", { as })).status, 401);
});

Deno.test("a failed sign-in says the same whatever was wrong", async () => {
  await using bench = await apiBench();
  await bench.user("ann");
  await bench.user("off", { active: false });
  const tries = [
    { email: "ann@example.com", password: "wrong password" },
    { email: "nobody@example.com", password: PASSWORD },
    { email: "off@example.com", password: PASSWORD },
  ];
  for (const body of tries) {
    const { status, body: answer } = await bench.send("POST", "/api/auth", { body });
    assert.deepEqual([status, answer], [401, { error: "invalid email, password or TOTP code" }]);
  }
  assert.equal((await bench.send("POST", "/api/auth", { body: { email: 7 } })).status, 400);
});

Deno.test("too many failed tries are answered 429 with the time to wait", async () => {
  await using bench = await apiBench();
  await bench.user("ann");
  const attempt = (ip: string, password: string) =>
    bench.send("POST", "/api/auth", { body: { email: "ann@example.com", password }, ip });
  const answers = await Promise.all(Array.from({ length: 11 }, (_, i) => attempt(`192.0.2.${i}`, "wrong password")));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(10).fill(401), 429]);
  const refused = await attempt("192.0.2.77", PASSWORD);
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
  bench.clock.advance(30_000);
  assert.equal((await attempt("192.0.2.77", PASSWORD)).status, 200);
});

Deno.test("the web sign-in sets a cookie that scripts and other sites do not get", async () => {
  await using bench = await apiBench({ parts: { url: "https://knot.example" } });
  await bench.user("ann");
  const body = { email: "ann@example.com", password: PASSWORD };
  const plain = await bench.send("POST", "/api/auth/web", { body });
  const set = plain.headers.get("set-cookie")!;
  for (const part of [`${COOKIE}=`, "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600"]) {
    assert.ok(set.includes(part), part);
  }
  assert.ok(!set.includes("Secure"), "the test came by http, to another host than the public one");
  const proxied = await bench.send("POST", "/api/auth/web", { body, headers: { host: "knot.example" } });
  assert.ok(proxied.headers.get("set-cookie")!.includes("Secure"));
  const cookie = set.split(";")[0];
  assert.equal((await bench.send("GET", "/api/users/whoami", { headers: { cookie } })).body.username, "ann");
});

Deno.test("requests of another site's pages do nothing with the cookie", async () => {
  await using bench = await apiBench();
  await bench.user("ann");
  const { sessionToken } = await bench.signIn("ann");
  const cookie = `${COOKIE}=${sessionToken}`;
  const rename = (headers: Record<string, string>) =>
    bench.send("PUT", "/api/users/ann", { body: { timezone: "UTC" }, headers: { cookie, ...headers } });
  for (
    const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "http://127.0.0.1:3001" },
      { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
      { "sec-fetch-site": "same-site", origin: "http://other.127.0.0.1:3000" },
      { "sec-fetch-site": "cross-site" },
    ]
  ) assert.equal((await rename(headers as Record<string, string>)).status, 403, JSON.stringify(headers));
  for (
    const headers of [{}, { origin: "http://127.0.0.1:3000" }, { "sec-fetch-site": "same-origin" }]
  ) assert.equal((await rename(headers as Record<string, string>)).status, 200, JSON.stringify(headers));
  const login = await bench.send("POST", "/api/auth/web", {
    body: { email: "ann@example.com", password: PASSWORD },
    headers: { origin: "https://evil.example" },
  });
  assert.equal(login.status, 403);
});

Deno.test("setup makes the first admin once, with the token of the data folder", async () => {
  await using bench = await apiBench({ ready: false });
  const who = { username: "root", email: "root@example.com", password: PASSWORD };
  assert.equal((await bench.send("GET", "/readyz")).status, 503);
  assert.equal((await bench.send("GET", "/api/users", { as: "x" })).status, 503);
  assert.equal((await bench.send("POST", "/api/setup", { body: { ...who, token: "guess" } })).status, 403);
  assert.equal((await bench.send("POST", "/api/setup", { body: {} })).status, 403);
  const token = (await readSetupToken(bench.dataDir)).trim();
  const bad = await bench.send("POST", "/api/setup", { body: { ...who, token, password: "short" } });
  assert.deepEqual([bad.status, Object.keys(bad.body.fields)], [400, ["password"]]);
  const both = await Promise.all([1, 2].map(() => bench.send("POST", "/api/setup", { body: { ...who, token } })));
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 409]);
  const made = both.find(({ status }) => status === 201)!;
  assert.deepEqual(Object.keys(made.body), ["status", "user_id"]);
  assert.equal((await bench.send("POST", "/api/setup", { body: { ...who, token } })).status, 409);
  assert.equal((await bench.send("GET", "/readyz")).status, 200);
  const { body } = await bench.send("POST", "/api/auth", { body: who });
  assert.equal((await bench.send("GET", "/api/roles", { as: body.token })).status, 200);
});

Deno.test("a joining server offers no setup and says what it does", async () => {
  await using bench = await apiBench({ ready: false });
  bench.node.setReadiness({ kind: "joining", tried: [] });
  assert.match((await bench.send("GET", "/readyz")).body.error, /joining/);
  const tried = [{ address: "knot2:3100", result: "its cluster key has another id" }];
  bench.node.setReadiness({ kind: "joining", tried });
  assert.match((await bench.send("GET", "/readyz")).body.error, /knot2:3100: its cluster key has another id$/);
  bench.node.setReadiness({ kind: "joining", tried: [], progress: { received: 1_132 } });
  assert.match((await bench.send("GET", "/readyz")).body.error, /: 1,132 records so far$/);
  bench.node.setReadiness({ kind: "joining", tried: [], progress: { received: 1_132, expected: 20_000 } });
  assert.match((await bench.send("GET", "/readyz")).body.error, /: 1,132 of 20,000 records$/);
  assert.equal((await bench.send("POST", "/api/setup", { body: {} })).status, 503);
  for (const path of ["/health", "/healthz"]) assert.equal((await bench.send("GET", path)).text, "OK");
});

async function readSetupToken(dataDir: string): Promise<string> {
  const deadline = Date.now() + 5_000;
  while (true) {
    try {
      const text = await Deno.readTextFile(`${dataDir}/setup-token`);
      if (text.length > 40) return text;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("tokens and sessions are the caller's own, and shown without their values", async () => {
  await using bench = await apiBench();
  await bench.user("ann");
  await bench.user("bob");
  const { sessionToken: ann } = await bench.signIn("ann");
  const { sessionToken: bob } = await bench.signIn("bob");
  const { status, body: made } = await bench.send("POST", "/api/tokens", { as: ann, body: { name: "script" } });
  assert.equal(status, 201);
  assert.equal((await bench.send("GET", "/api/users/whoami", { as: made.token_id })).body.username, "ann");
  const { body: list } = await bench.send("GET", "/api/tokens", { as: ann });
  assert.deepEqual(Object.keys(list[0]).sort(), ["expires_after", "name", "scopes", "token_id"]);
  assert.notEqual(list[0].token_id, made.token_id);
  assert.deepEqual((await bench.send("GET", "/api/tokens", { as: bob })).body, []);
  for (const id of [list[0].token_id, made.token_id]) {
    assert.equal((await bench.send("DELETE", `/api/tokens/${id}`, { as: bob })).status, 404);
  }
  assert.equal(
    (await bench.send("PUT", `/api/tokens/${list[0].token_id}`, { as: ann, body: { name: "new" } })).status,
    200,
  );
  assert.equal((await bench.send("DELETE", `/api/tokens/${made.token_id}`, { as: ann })).status, 200);
  assert.equal((await bench.send("GET", "/api/users/whoami", { as: made.token_id })).status, 401);

  const { body: sessions } = await bench.send("GET", "/api/sessions", { as: ann });
  assert.deepEqual(Object.keys(sessions[0]).sort(), ["current", "expires_at", "ip", "session_id", "user_agent"]);
  assert.equal(sessions[0].current, true);
  assert.equal((await bench.send("DELETE", `/api/sessions/${sessions[0].session_id}`, { as: bob })).status, 404);
  assert.equal((await bench.send("DELETE", `/api/sessions/${sessions[0].session_id}`, { as: ann })).status, 200);
  assert.equal((await bench.send("GET", "/api/sessions", { as: ann })).status, 401);
});
