import assert from "node:assert/strict";
import { type AccountsBench, accountsBench, CALLER, PASSWORD } from "../../tests/fakes/accounts_bench.ts";

const WHO = { username: "root", email: "root@example.com", password: PASSWORD };

/** The token's file, once it is whole; undefined once it is gone. */
async function tokenFile(bench: AccountsBench, wanted: "there" | "gone"): Promise<string> {
  const deadline = Date.now() + 5_000;
  while (Date.now() < deadline) {
    const text = await Deno.readTextFile(`${bench.dataDir}/setup-token`).catch(() => undefined);
    if (wanted === "gone" && text === undefined) return "";
    if (wanted === "there" && text?.endsWith("\n")) return text.trim();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`The setup token's file is not ${wanted} in time`);
}

Deno.test("an empty server prints one link, and keeps the token where only its own user reads it", async () => {
  await using bench = await accountsBench({ ready: false });
  const token = await tokenFile(bench, "there");
  const { mode } = await Deno.stat(`${bench.dataDir}/setup-token`);
  assert.equal(mode! & 0o777, 0o600);
  const links = bench.log.lines.filter(({ fields }) => JSON.stringify(fields)?.includes(token));
  assert.equal(links.length, 1);
  assert.ok(JSON.stringify(links[0].fields).includes(`http://127.0.0.1:3000/setup?token=${token}`));
  assert.ok(bench.accounts.setup.needed);
  assert.ok(bench.accounts.setup.checkToken(token));
  for (const wrong of ["", token.slice(1), `${token} `]) assert.ok(!bench.accounts.setup.checkToken(wrong));
  bench.node.setStatus({});
  assert.equal(await tokenFile(bench, "there"), token, "one token a start");
});

Deno.test("setUp() makes the first admin in one write and takes the token away", async () => {
  await using bench = await accountsBench({ ready: false });
  const token = await tokenFile(bench, "there");
  const outcome = await bench.accounts.setup.setUp({ ...WHO, token }, CALLER);
  assert.ok(outcome.kind === "set_up");
  assert.equal(bench.node.written.length, 1);
  assert.equal(bench.accounts.users.get("root")!.user_id, outcome.userId);
  const { principal } = await bench.signIn("root");
  assert.ok(principal.admin);
  await tokenFile(bench, "gone");
  assert.ok(!bench.accounts.setup.needed && !bench.accounts.setup.checkToken(token));
  assert.equal((await bench.accounts.setup.setUp({ ...WHO, token }, CALLER)).kind, "already_set_up");
});

Deno.test("setUp() refuses a wrong token, broken fields, a joining server and a busy disk", async () => {
  await using bench = await accountsBench({ ready: false });
  const { setup } = bench.accounts;
  const token = await tokenFile(bench, "there");
  assert.equal((await setup.setUp({ ...WHO, token: "guess" }, CALLER)).kind, "wrong_token");
  const invalid = await setup.setUp({ username: "1", email: "", password: "x", token }, CALLER);
  assert.ok(invalid.kind === "invalid");
  assert.deepEqual(Object.keys(invalid.fields).sort(), ["email", "password", "username"]);
  bench.node.failures.push({ kind: "storage_failed", reason: "disk full" });
  const setUp = bench.node.setUp.bind(bench.node);
  bench.node.setUp = () => Promise.resolve({ kind: "storage_failed", reason: "disk full" });
  assert.equal((await setup.setUp({ ...WHO, token }, CALLER)).kind, "storage_failed");
  bench.node.setUp = setUp;
  bench.node.setReadiness({ kind: "joining", tried: [] });
  assert.equal((await setup.setUp({ ...WHO, token }, CALLER)).kind, "joining");
  assert.equal(bench.node.count("user"), 0);
});

Deno.test("guessing the token is limited by address", async () => {
  await using bench = await accountsBench({ ready: false });
  const kinds = [];
  for (let i = 0; i < 31; i++) kinds.push((await bench.accounts.setup.setUp({ ...WHO, token: "guess" }, CALLER)).kind);
  assert.deepEqual([kinds[29], kinds[30]], ["wrong_token", "rate_limited"]);
});

Deno.test("the token goes when the cluster is set up elsewhere, and comes again when it must", async () => {
  await using bench = await accountsBench({ ready: false });
  const first = await tokenFile(bench, "there");
  bench.node.setReadiness({ kind: "joining", tried: [] });
  await tokenFile(bench, "gone");
  bench.node.setReadiness({ kind: "setup_needed", tried: [{ address: "knot2:3100", result: "no answer" }] });
  const second = await tokenFile(bench, "there");
  assert.notEqual(second, first);
  assert.ok(JSON.stringify(bench.log.lines.at(-1)).includes("knot2:3100"), "the log says what was tried");
  assert.ok(!bench.accounts.setup.checkToken(first));
});

Deno.test("a server with data removes a token that an earlier start left", async () => {
  await using earlier = await accountsBench();
  await Deno.writeTextFile(`${earlier.dataDir}/setup-token`, "left behind\n");
  await using _bench = await accountsBench({ config: { dataDir: earlier.dataDir } });
  await tokenFile(earlier, "gone");
});

Deno.test("close() takes an unused token away and leaves nothing that watches or waits", async () => {
  await using bench = await accountsBench({ ready: false });
  await tokenFile(bench, "there");
  await bench.accounts.close();
  assert.equal(await Deno.stat(`${bench.dataDir}/setup-token`).catch(() => "gone"), "gone");
  assert.deepEqual([bench.node.listeners, bench.clock.timers], [0, 0]);
});

Deno.test("a file that cannot be written is said, and setup goes on by the link", async () => {
  await using bench = await accountsBench({ ready: false, config: { dataDir: "/proc/nowhere" } });
  const link = JSON.stringify(bench.log.lines).match(/token=([\w-]{43})/)!;
  const outcome = await bench.accounts.setup.setUp({ ...WHO, token: link[1] }, CALLER);
  assert.equal(outcome.kind, "set_up");
  await bench.accounts.close();
  assert.ok(bench.log.lines.some(({ level, message }) => level === "warn" && message.includes("setup token")));
});
