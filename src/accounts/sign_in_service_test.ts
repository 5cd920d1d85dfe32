import assert from "node:assert/strict";
import { Secret, TOTP } from "otpauth";
import { type AccountsBench, accountsBench, CALLER, PASSWORD } from "../../tests/fakes/accounts_bench.ts";
import { ADMIN_ROLE_ID } from "../records/mod.ts";
import { OPERATOR, Permission } from "./mod.ts";

const DAY_MS = 24 * 3_600_000;
const TOTP_ON = { totp: { enabled: true, window: 1, issuer: "Knot" } } as const;

const signIn = (bench: AccountsBench, more: Record<string, string> = {}, ip: string = CALLER.ip) =>
  bench.accounts.signIn.signIn({ email: "ann@example.com", password: PASSWORD, ...more }, { ...CALLER, ip });
const whoIs = (bench: AccountsBench, sessionToken: string) =>
  bench.accounts.signIn.authenticate({ sessionToken, ...CALLER });

Deno.test("signing in with scrypt opens a session that says who it is", async () => {
  await using bench = await accountsBench({ scrypt: true });
  const id = await bench.user("ann");
  const { sessionToken, principal } = await bench.signIn("ann");
  assert.deepEqual([principal.userId, principal.username, principal.admin], [id, "ann", false]);
  assert.equal(principal.credential.kind, "session");
  const stored = JSON.stringify(bench.node.list("session").map((session) => session.fields));
  assert.ok(!stored.includes(sessionToken), "only the hash is stored");
  assert.ok(sessionToken.length >= 43);
  assert.equal((await signIn(bench, { password: "wrong password" })).kind, "rejected");
});

Deno.test("a rejected sign-in says why in the log, and nothing of what was typed", async () => {
  await using bench = await accountsBench();
  const userId = await bench.user("ann");
  const why = async (more: Record<string, string>) => {
    const outcome = await signIn(bench, more);
    const { message, fields } = bench.log.lines.at(-1)!;
    return [outcome.kind, message, fields];
  };
  const ip = CALLER.ip;
  const rejected = ["rejected", "Sign-in was rejected"];
  assert.deepEqual(await why({ password: "oops" }), [...rejected, { ip, userId, reason: "wrong password" }]);
  assert.deepEqual(await why({ email: "my password" }), [...rejected, { ip, reason: "no user has this email" }]);
  await bench.user("root", { roles: [ADMIN_ROLE_ID] });
  await bench.accounts.users.update(OPERATOR, userId, { active: false });
  assert.deepEqual(await why({}), [...rejected, { ip, userId, reason: "the user is not active" }]);
});

Deno.test("signing in waits a quarter of a second at most for the other servers, and is remembered", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann");
  await signIn(bench);
  assert.deepEqual(bench.node.written.at(-1)!.options, { copies: "all", waitMs: 250 });
  assert.equal(bench.accounts.users.get(id)!.last_login_at, new Date(bench.clock.wallMs()).toISOString());
});

Deno.test("rights are those of this moment: roles, their permissions, activity, existence", async () => {
  await using bench = await accountsBench();
  const role = await bench.role("vars", [Permission.ManageVariables, 4000]);
  const id = await bench.user("ann", { roles: [role] });
  const { sessionToken, principal } = await bench.signIn("ann");
  assert.deepEqual([...principal.permissions], [6, 4000]);
  assert.ok(principal.can(6) && !principal.can(Permission.ManageUsers));
  await bench.accounts.roles.update(OPERATOR, role, { permissions: [Permission.ManageGroups] });
  assert.deepEqual([...whoIs(bench, sessionToken)!.permissions], [4]);
  await bench.accounts.roles.delete(OPERATOR, role);
  assert.deepEqual([...whoIs(bench, sessionToken)!.permissions], []);
  await bench.accounts.users.update(OPERATOR, id, { active: false });
  assert.equal(whoIs(bench, sessionToken), undefined);
  assert.equal((await signIn(bench)).kind, "rejected");
  await bench.accounts.users.update(OPERATOR, id, { active: true });
  assert.equal(whoIs(bench, sessionToken), undefined, "what was ended does not come back");
});

Deno.test("a user whom another server deactivated or deleted is out as soon as that arrives, by session and by token", async () => {
  for (const change of [{ active: false }, undefined]) {
    await using bench = await accountsBench();
    const id = await bench.user("ann");
    const { sessionToken, principal } = await bench.signIn("ann");
    const made = await bench.accounts.tokens.create(principal, { name: "script" });
    assert.ok(made.kind === "created");
    await using elsewhere = await accountsBench();
    elsewhere.node.accept([bench.node.states.get(`user\0${id}`)!]);
    elsewhere.clock.advance(1000);
    if (change) await elsewhere.accounts.users.update(OPERATOR, id, change);
    else await elsewhere.accounts.users.delete(OPERATOR, id);
    bench.node.accept([elsewhere.node.states.get(`user\0${id}`)!]);
    assert.equal(bench.node.count("session"), 1);
    assert.equal(whoIs(bench, sessionToken), undefined);
    assert.equal(bench.accounts.signIn.authenticate({ bearer: made.bearer, ...CALLER }), undefined);
  }
});

Deno.test("a changed password ends all sessions but the one it was changed in", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann");
  const here = await bench.signIn("ann");
  const there = await bench.signIn("ann");
  bench.clock.advance(1000);
  await bench.accounts.users.update(here.principal, id, { password: "another horse" });
  assert.ok(whoIs(bench, here.sessionToken));
  assert.equal(whoIs(bench, there.sessionToken), undefined);
  await bench.accounts.users.update(OPERATOR, id, { password: "third horse" });
  assert.equal(whoIs(bench, here.sessionToken), undefined);
});

Deno.test("a session opened with the old password, where the change had not arrived yet, ends when it does", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann");
  const before = bench.node.states.get(`user\0${id}`)!;
  bench.clock.advance(1000);
  await bench.accounts.users.update(OPERATOR, id, { password: "another horse" });
  const changed = bench.node.states.get(`user\0${id}`)!;

  await using cutOff = await accountsBench();
  cutOff.clock.advance(5000); // Later than the change, by every clock.
  cutOff.node.accept([before]);
  const { sessionToken } = await cutOff.signIn("ann");
  cutOff.node.accept([changed]);
  assert.equal(whoIs(cutOff, sessionToken), undefined);
});

Deno.test("a session slides while it is used, by one write a day, and ends after 14 days without", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  const { sessionToken } = await bench.signIn("ann");
  const writes = () => bench.node.written.length;
  const before = writes();
  bench.clock.advance(DAY_MS / 2);
  whoIs(bench, sessionToken);
  await Promise.resolve();
  assert.equal(writes(), before);
  bench.clock.advance(12 * DAY_MS);
  for (let i = 0; i < 5; i++) assert.ok(whoIs(bench, sessionToken));
  while (writes() === before) await Promise.resolve();
  assert.equal(writes(), before + 1);
  bench.clock.advance(13.5 * DAY_MS);
  assert.ok(whoIs(bench, sessionToken));
  for (let i = 0; i < 10; i++) await Promise.resolve();
  bench.clock.advance(14 * DAY_MS + 1);
  assert.equal(whoIs(bench, sessionToken), undefined);
});

Deno.test("expired sessions are swept away a day later", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  await bench.signIn("ann");
  bench.clock.advance(14 * DAY_MS + DAY_MS / 2);
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assert.equal(bench.node.count("session"), 1);
  for (let hour = 0; hour < 20 && bench.node.count("session") === 1; hour++) {
    bench.clock.advance(3_600_000);
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }
  assert.equal(bench.node.count("session"), 0);
});

Deno.test("signing in works when nothing can be written, with a session of this server only", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  bench.node.failures.push({ kind: "storage_failed", reason: "disk full" });
  const { sessionToken, principal } = await bench.signIn("ann");
  assert.equal(bench.node.count("session"), 0);
  assert.equal(bench.accounts.sessions.list(principal).length, 1);
  bench.node.failures.push({ kind: "storage_failed", reason: "disk full" });
  await bench.accounts.sessions.delete(principal, principal.credential.id);
  assert.equal(whoIs(bench, sessionToken), undefined);
});

Deno.test("signing out works when nothing can be written", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  const { sessionToken, principal } = await bench.signIn("ann");
  bench.node.failures.push({ kind: "unavailable", reason: "The clock is off" });
  assert.equal((await bench.accounts.sessions.delete(principal, principal.credential.id)).kind, "deleted");
  assert.equal(whoIs(bench, sessionToken), undefined);
});

Deno.test("who lost the email in a clash cannot sign in by it; who owns it can", async () => {
  await using bench = await accountsBench();
  const id = await bench.user("ann");
  const state = bench.node.states.get(`user\0${id}`)!;
  const lost = new Map(state.fields);
  const later = (name: string) => ({
    ...lost.get(name)!,
    stamp: lost.get(name)!.stamp.replace(/^.{16}/, (t) => t.slice(0, 12) + "fff0"),
  });
  lost.set("email", later("email"));
  lost.set("password_hash", state.fields.get("github_username")!); // Whatever it is, it must not be asked.
  lost.delete("username");
  bench.node.accept([{ ...state, id: "01920000-0000-7000-8000-00000000abcd", fields: lost }]);
  bench.clock.advance(1000);
  const outcome = await signIn(bench);
  assert.ok(outcome.kind === "signed_in" && outcome.userId === id);
});

Deno.test("the address and the account are limited apart; a right password costs nothing", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  for (let i = 0; i < 40; i++) assert.equal((await signIn(bench)).kind, "signed_in");
  for (let i = 0; i < 30; i++) {
    assert.equal((await signIn(bench, { email: `nobody${i}@example.com` })).kind, "rejected");
  }
  const refused = await signIn(bench);
  assert.ok(refused.kind === "rate_limited" && refused.retryAfterSeconds === 10);
  assert.equal((await signIn(bench, {}, "198.51.100.1")).kind, "signed_in", "another address");
});

Deno.test("strangers who use up an account's tries do not lock its owner out where they signed in before", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  await signIn(bench, {}, "198.51.100.1");
  for (let i = 0; i < 15; i++) await signIn(bench, { password: "wrong password" }, `203.0.113.${i}`);
  assert.equal((await signIn(bench, {}, "203.0.113.99")).kind, "rate_limited");
  assert.equal((await signIn(bench, {}, "198.51.100.1")).kind, "signed_in");
  for (let i = 0; i < 10; i++) await signIn(bench, { password: "wrong password" }, "198.51.100.1");
  assert.equal(
    (await signIn(bench, {}, "198.51.100.1")).kind,
    "rate_limited",
    "a known place has no more tries than others",
  );
});

Deno.test("a server without data says so, instead of calling the password wrong", async () => {
  await using bench = await accountsBench({ ready: false });
  assert.equal((await signIn(bench)).kind, "unavailable");
});

Deno.test("addresses are not limited where that is turned off, accounts still are", async () => {
  await using bench = await accountsBench({ config: { ipRateLimiting: false } });
  await bench.user("ann");
  for (let i = 0; i < 40; i++) await signIn(bench, { email: `nobody${i}@example.com` });
  assert.equal((await signIn(bench)).kind, "signed_in");
  for (let i = 0; i < 10; i++) await signIn(bench, { password: "wrong password" });
  assert.equal((await signIn(bench, { email: "ANN@example.com" })).kind, "rate_limited");
});

Deno.test("with one-time codes the first sign-in enrols, and each code opens one session", async () => {
  await using bench = await accountsBench({ config: { ...TOTP_ON, encrypt: "k".repeat(32) } });
  const id = await bench.user("ann");
  const first = await signIn(bench);
  assert.ok(first.kind === "signed_in" && first.totpSecret !== undefined && first.totpUri?.startsWith("otpauth://"));
  assert.ok(!JSON.stringify(bench.node.get("user", id)!.fields).includes(first.totpSecret), "sealed");
  assert.equal(bench.accounts.users.get(id)!.has_totp, true);

  const code = () =>
    new TOTP({ secret: Secret.fromBase32(first.totpSecret!) }).generate({ timestamp: bench.clock.wallMs() });
  assert.equal((await signIn(bench)).kind, "rejected");
  assert.equal((await signIn(bench, { totpCode: "000000" })).kind, "rejected");
  const both = await Promise.all([1, 2].map(() => signIn(bench, { totpCode: code() })));
  assert.deepEqual(both.map(({ kind }) => kind).sort(), ["rejected", "signed_in"]);
  const second = both.find(({ kind }) => kind === "signed_in")!;
  assert.ok(second.kind === "signed_in" && second.totpSecret === undefined);
  bench.clock.advance(30_000);
  assert.equal((await signIn(bench, { totpCode: code() })).kind, "signed_in");

  await bench.accounts.users.resetTotp(OPERATOR, id);
  const again = await signIn(bench);
  assert.ok(again.kind === "signed_in" && again.totpSecret !== first.totpSecret);
});

Deno.test("a one-time-code secret that could not be stored enrols nobody", async () => {
  await using bench = await accountsBench({ config: TOTP_ON });
  const id = await bench.user("ann");
  bench.node.failures.push({ kind: "storage_failed", reason: "disk full" });
  assert.equal((await signIn(bench)).kind, "unavailable");
  assert.equal(bench.accounts.users.get(id)!.has_totp, false);
});

Deno.test("signing in for the 51st time ends the oldest session", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  const oldest = await bench.signIn("ann");
  for (let i = 0; i < 50; i++) {
    bench.clock.advance(1);
    await signIn(bench);
  }
  assert.equal(bench.node.count("session"), 50);
  assert.equal(whoIs(bench, oldest.sessionToken), undefined);
});

Deno.test("hostile values sign nobody in and throw nothing", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  for (const email of ["", " ", "x".repeat(100_000), "__proto__", "ann@example.com\0"]) {
    assert.equal((await signIn(bench, { email })).kind, "rejected", email.slice(0, 20));
  }
  for (const sessionToken of ["", "x", "x".repeat(100_000), "\0", "__proto__"]) {
    assert.equal(whoIs(bench, sessionToken), undefined);
    assert.equal(bench.accounts.signIn.authenticate({ bearer: sessionToken, ...CALLER }), undefined);
  }
});

Deno.test("a bearer value may be a token or a session, and beats the cookie", async () => {
  await using bench = await accountsBench();
  await bench.user("ann");
  const { sessionToken, principal } = await bench.signIn("ann");
  const made = await bench.accounts.tokens.create(principal, { name: "script" });
  assert.ok(made.kind === "created");
  const by = (bearer: string) =>
    bench.accounts.signIn.authenticate({ bearer, sessionToken, ...CALLER })?.credential.kind;
  assert.equal(by(made.bearer), "token");
  assert.equal(by(sessionToken), "session");
  assert.equal(by("wrong"), undefined);
});
