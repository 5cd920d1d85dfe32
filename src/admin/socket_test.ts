import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { Hono } from "hono";
import { accountsBench, PASSWORD } from "../../tests/fakes/accounts_bench.ts";
import { AdminError, adminRoutes, connectAdmin, serveAdminSocket, SOCKET_FILE } from "./mod.ts";

const anna = { username: "anna", email: "anna@example.com", password: PASSWORD, roles: [] };

Deno.test("a command and the server speak over the socket as if they were one process", async () => {
  await using bench = await accountsBench();
  const path = join(bench.dataDir, SOCKET_FILE);
  await using _socket = await serveAdminSocket({ path, app: adminRoutes(bench) });
  await using admin = await connected(bench.dataDir);
  strictEqual(admin.pid, Deno.pid);
  const made = await admin.createUser(anna);
  const userId = bench.accounts.users.get("anna")!.user_id;
  deepStrictEqual(made, { kind: "created", userId, admin: true, setUp: false });
  strictEqual((await admin.createUser(anna)).kind, "name_taken");
  strictEqual((await admin.createUser({ ...anna, username: "b b", roles: ["x"] })).kind, "invalid");
  const change = { user: "anna", password: "battery staple" };
  deepStrictEqual(await admin.setPassword(change), { kind: "updated", username: "anna" });
  deepStrictEqual(await admin.setPassword({ ...change, user: "nobody" }), { kind: "not_found" });
  deepStrictEqual(await admin.setPassword({ ...change, password: "" }), {
    kind: "invalid",
    fields: { password: "must not be empty" },
  });
  bench.node.failures.push({ kind: "storage_failed", reason: "the disk is full" });
  deepStrictEqual(await admin.setPassword({ ...change, password: "staple battery" }), {
    kind: "failed",
    reason: "the disk is full",
  });
  bench.node.setReadiness({ kind: "joining", tried: [] });
  deepStrictEqual(await admin.createUser(anna), { kind: "joining" });
  deepStrictEqual((await admin.members()).readiness, { kind: "joining", tried: [] });
});

Deno.test("connectAdmin() tells that no server runs: no folder, no socket, or one that a killed server left", () =>
  inFolder(async (dataDir) => {
    strictEqual(await connectAdmin(join(dataDir, "missing")), undefined);
    strictEqual(await connectAdmin(dataDir), undefined);
    await leaveStaleSocket(join(dataDir, SOCKET_FILE));
    strictEqual(await connectAdmin(dataDir), undefined);
  }));

Deno.test("serveAdminSocket() makes a socket that only its user may open, and removes it at the end", () =>
  inFolder(async (dataDir) => {
    const path = join(dataDir, SOCKET_FILE);
    const maskBefore = Deno.umask();
    const socket = await serveAdminSocket({ path, app: new Hono() });
    strictEqual(Deno.statSync(path).mode! & 0o777, 0o600);
    strictEqual(Deno.umask(), maskBefore);
    await socket[Symbol.asyncDispose]();
    deepStrictEqual([...Deno.readDirSync(dataDir)], []);
  }));

Deno.test("serveAdminSocket() replaces the socket of a killed server, but not that of a living one", () =>
  inFolder(async (dataDir) => {
    const path = join(dataDir, SOCKET_FILE);
    await leaveStaleSocket(path);
    await using _socket = await serveAdminSocket({ path, app: pingOnly() });
    await rejects(serveAdminSocket({ path, app: pingOnly() }), namesPath(path, /another knot server/));
    await using admin = await connected(dataDir);
    strictEqual(admin.pid, 1);
  }));

Deno.test("serveAdminSocket() does not remove a file of that name that is no socket", () =>
  inFolder(async (dataDir) => {
    const path = join(dataDir, SOCKET_FILE);
    await Deno.writeTextFile(path, "mine");
    await rejects(serveAdminSocket({ path, app: new Hono() }), namesPath(path, /no socket/));
    strictEqual(await Deno.readTextFile(path), "mine");
  }));

Deno.test("a data folder whose path is too long for a socket has it elsewhere, found by the command and cleaned up", () =>
  inFolder(async (folder) => {
    const dataDir = join(folder, "long".repeat(30));
    await Deno.mkdir(dataDir);
    const path = join(dataDir, SOCKET_FILE);
    const first = await serveAdminSocket({ path, app: pingOnly() });
    ok(first.path.length <= 107);
    strictEqual(Deno.statSync(dirname(first.path)).mode! & 0o777, 0o700);
    await using admin = await connected(dataDir);
    strictEqual(admin.pid, 1);
    await rejects(serveAdminSocket({ path, app: pingOnly() }), namesPath(first.path, /another knot server/));
    await first[Symbol.asyncDispose]();
    deepStrictEqual([...Deno.readDirSync(dataDir)], []);
    await rejects(Deno.stat(dirname(first.path)), Deno.errors.NotFound);
    strictEqual(await connectAdmin(dataDir), undefined);
  }));

Deno.test("a command gets a readable error from a server that fails, is of another version, or talks nonsense", () =>
  inFolder(async (dataDir) => {
    const path = join(dataDir, SOCKET_FILE);
    const app = pingOnly();
    app.get("/members", (c) => c.json({ nodeId: 7 }));
    app.post("/users", (c) => c.text("<html>"));
    app.put("/password", (c) => c.json({ error: "The server failed; its log says why" }, 500));
    await using _socket = await serveAdminSocket({ path, app });
    await using admin = await connected(dataDir);
    await rejects(admin.members(), namesPath(path, /another version/));
    await rejects(admin.createUser(anna), namesPath(path, /broke its answer off/));
    await rejects(admin.setPassword({ user: "anna", password: "x" }), namesPath(path, /its log says why/));
    await rejects(admin.stop(), AdminError);
  }));

Deno.test("adminRoutes() begins to stop when asked, and answers before", async () => {
  await using bench = await accountsBench();
  let stopping = false;
  const app = adminRoutes({ ...bench, stop: () => stopping = true });
  await using _socket = await serveAdminSocket({ path: join(bench.dataDir, SOCKET_FILE), app });
  await using admin = await connected(bench.dataDir);
  await admin.stop();
  ok(stopping);
});

Deno.test("adminRoutes() refuses malformed requests by field, without showing what was sent", async () => {
  await using bench = await accountsBench();
  const app = adminRoutes(bench);
  const bodies = [
    "{",
    "",
    "null",
    JSON.stringify({ ...anna, password: ["secret"] }),
    JSON.stringify({ ...anna, secret: 1 }),
  ];
  for (const body of bodies) {
    const response = await app.request("/users", { method: "POST", body });
    strictEqual(response.status, 400, body);
    const { error } = await response.json();
    match(error, /^The request is malformed: /);
    ok(!error.includes('["secret"]'));
  }
  const long = JSON.stringify({ ...anna, password: "x".repeat(100_000) });
  strictEqual((await app.request("/users", { method: "POST", body: long })).status, 413);
  strictEqual((await app.request("/unheard", { method: "GET" })).status, 404);
});

Deno.test("adminRoutes() survives failures below it", async () => {
  await using bench = await accountsBench();
  bench.node.status = () => {
    throw new Error("planted");
  };
  const response = await adminRoutes(bench).request("/members");
  strictEqual(response.status, 500);
  ok(!(await response.text()).includes("planted"));
});

async function connected(dataDir: string) {
  const admin = await connectAdmin(dataDir);
  ok(admin, "no server was found");
  return admin;
}

function pingOnly(): Hono {
  return new Hono().get("/ping", (c) => c.json({ pid: 1 }));
}

/** A socket file that nobody listens on, as `kill -9` leaves it. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script = `Deno.listen({ transport: "unix", path: ${JSON.stringify(path)} }); Deno.kill(Deno.pid, "SIGKILL");`;
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", "--quiet", script], stderr: "inherit" });
  strictEqual((await child.output()).signal, "SIGKILL");
  ok(Deno.statSync(path).isSocket);
}

function namesPath(path: string, pattern: RegExp): (error: Error) => boolean {
  return (error) => {
    ok(error instanceof AdminError, `not an AdminError: ${error}`);
    ok(error.message.includes(path), error.message);
    match(error.message, pattern);
    return true;
  };
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
