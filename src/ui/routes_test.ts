import assert from "node:assert/strict";
import { OPERATOR, Permission } from "../accounts/mod.ts";
import { memberStatus, uiBench, type Visitor } from "../../tests/fakes/ui_bench.ts";

const PAGES_BY_PERMISSION = [
  ["/users", Permission.ManageUsers],
  ["/users/create", Permission.ManageUsers],
  ["/groups", Permission.ManageGroups],
  ["/groups/create", Permission.ManageGroups],
  ["/roles", Permission.ManageRoles],
  ["/roles/create", Permission.ManageRoles],
  ["/templates/create", Permission.ManageTemplates],
  ["/variables", Permission.ManageVariables],
  ["/variables/create", Permission.ManageVariables],
  ["/audit-log", Permission.ViewAuditLogs],
  ["/cluster-info", Permission.ViewClusterInfo],
  ["/cluster-info/opinions", Permission.ViewClusterInfo],
  ["/cluster-info/events", Permission.ViewClusterInfo],
] as const;

Deno.test("no page answers a stranger; reading comes back after signing in, writing does not", async () => {
  await using bench = await uiBench();
  const stranger = await bench.visitor();
  for (const path of ["/", "/account", "/templates", ...PAGES_BY_PERMISSION.map(([path]) => path)]) {
    const answer = await stranger.get(path);
    assert.equal(answer.status, 303, path);
    const expected = path === "/" ? "/login" : `/login?next=${encodeURIComponent(path)}`;
    assert.equal(answer.headers.get("Location"), expected);
    const written = await stranger.post(path, { name: "x" });
    assert.notEqual(written.status, 200, path);
  }
});

Deno.test("every page refuses a user without its permission, and serves one with it", async () => {
  await using bench = await uiBench();
  bench.node.setStatus({ clustered: true, members: [memberStatus("au", { self: true })] });
  const role = await bench.role("changing", []);
  await bench.user("ann", { roles: [role] });
  const ann = await bench.visitor("ann");
  for (const [path, permission] of PAGES_BY_PERMISSION) {
    const others = Object.values(Permission).filter((other) => other !== permission);
    await bench.accounts.roles.update(OPERATOR, role, { permissions: others });
    assert.equal((await ann.get(path)).status, 403, path);
    if (path.endsWith("/create")) assert.equal((await ann.post(path, { name: "x" })).status, 403, path);
    await bench.accounts.roles.update(OPERATOR, role, { permissions: [permission] });
    const answer = await ann.get(path);
    assert.equal(answer.status, 200, path);
    await answer.body?.cancel();
  }
});

Deno.test("the menu shows Cluster Info only in cluster mode and with its permission", async () => {
  await using bench = await uiBench();
  await bench.user("ann");
  const [root, ann] = [await bench.visitor("root"), await bench.visitor("ann")];
  assert.ok(!(await (await root.get("/")).text()).includes("/cluster-info"));
  assert.equal((await root.get("/cluster-info")).status, 404);
  bench.node.setStatus({ clustered: true, members: [memberStatus("au", { self: true })] });
  assert.ok((await (await root.get("/")).text()).includes('href="/cluster-info"'));
  assert.ok(!(await (await ann.get("/")).text()).includes("/cluster-info"));
});

Deno.test("every page forbids inline code, other origins, frames and caches", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  for (const path of ["/", "/login", "/users", "/templates/create", "/account", "/nowhere"]) {
    const answer = await root.get(path);
    const policy = answer.headers.get("Content-Security-Policy")!;
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.ok(!/unsafe|https?:|\*/.test(policy), policy);
    assert.equal(answer.headers.get("Cache-Control"), "no-store");
    assert.equal(answer.headers.get("X-Content-Type-Options"), "nosniff");
    const html = await answer.text();
    assert.ok(!/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|<style/.test(html), path);
    assert.ok(!/(?:src|href|action)="(?:https?:)?\/\//.test(html), path);
  }
});

Deno.test("a form sent by another site is refused, by either header", async () => {
  await using bench = await uiBench({ url: "https://knot.public" });
  const root = await bench.visitor("root");
  const send = async (headers: Record<string, string>) =>
    (await root.post("/groups/create", { name: "g" }, headers)).status;
  assert.equal(await send({ "Sec-Fetch-Site": "cross-site" }), 403);
  assert.equal(await send({ "Sec-Fetch-Site": "same-site", Origin: "http://evil.example" }), 403);
  assert.equal(await send({ "Sec-Fetch-Site": "", Origin: "null" }), 403);
  assert.equal(bench.accounts.groups.list().length, 0);
  assert.equal(await send({ "Sec-Fetch-Site": "same-origin" }), 303);
});

Deno.test("while the server joins, every address says so and asks to come again", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  bench.node.setReadiness({
    kind: "joining",
    tried: [{ address: "knot2.internal:3100", result: "refused <b>" }],
  });
  for (const path of ["/", "/users", "/login", "/setup"]) {
    const answer = await root.get(path);
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get("Retry-After")) > 0);
    const html = await answer.text();
    assert.match(html, /Joining cluster…/);
    assert.match(html, /knot2\.internal:3100<\/dt><dd>refused &lt;b&gt;/);
  }
  assert.equal((await root.get("/static/style.css")).status, 200);
});

Deno.test("an unknown address and an unknown record have a 404 page", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  for (const path of ["/nowhere", "/users/nobody/edit", "/groups/none/delete", "/static/none.css"]) {
    assert.equal((await root.get(path)).status, 404, path);
  }
  assert.match(await (await (await bench.visitor()).get("/nowhere")).text(), /There is no page/);
});

Deno.test("a failure inside a page is logged, and the page says no word of its cause", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  bench.accounts.users.list = () => {
    throw new Error("secret cause");
  };
  const answer = await root.get("/users");
  assert.equal(answer.status, 500);
  assert.ok(!(await answer.text()).includes("secret cause"));
  assert.ok(bench.log.lines.some((line) => line.level === "error" && line.message === "Page failed"));
});

Deno.test("a form over the limit is refused before it is read", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const answer = await root.post("/groups/create", { name: "x" }, { "Content-Length": String(1024 ** 3) });
  assert.equal(answer.status, 413);
});

Deno.test("nobody sends more than their form can hold, in bytes or in fields, whatever length they announce", async () => {
  await using bench = await uiBench();
  const [root, stranger] = [await bench.visitor("root"), await bench.visitor()];
  const post = (visitor: Visitor, path: string, body: string) => visitor.postRaw(path, body);
  const long = `password=${"x".repeat(64 * 1024)}`;
  const many = "a=&".repeat(10_001);
  assert.equal((await post(stranger, "/login", long)).status, 413);
  assert.equal((await post(stranger, "/login", many)).status, 413);
  assert.equal((await post(stranger, "/login", "a=&".repeat(9_000))).status, 401);
  assert.equal((await post(root, "/groups/create", long)).status, 422);
  assert.equal((await post(root, "/groups/create", many)).status, 413);
  assert.equal((await post(root, "/groups/create", `name=${"x".repeat(2 * 1024 * 1024)}`)).status, 413);
  assert.equal((await post(root, "/variables/create", `name=ab&value=${"x".repeat(3 * 1024 * 1024)}`)).status, 303);
  const fields = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`f${at}`, ""]));
  assert.equal((await root.post("/variables/create", fields)).status, 413);
});
