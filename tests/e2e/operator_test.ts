import assert from "node:assert/strict";
import { clusterTest, freePorts, knot, Server, withServer } from "./mod.ts";

const NEW_USER = { username: "bob", email: "bob@example.com" };

const signInStatus = async (server: Server, password: string) =>
  (await server.api.request("POST", "/api/auth", { email: NEW_USER.email, password })).status;

Deno.test("the operator makes users and sets passwords, with the server running and without", () =>
  withServer(async (server) => {
    const admin = (args: string[], password: string) =>
      knot(["admin", ...args, "--config", server.configFile], { env: { KNOT_PASSWORD: password } });

    const created = await admin(["create-user", NEW_USER.username, NEW_USER.email], "the-first-password");
    assert.equal(created.code, 0, created.stderr);
    assert.equal(await signInStatus(server, "the-first-password"), 200);

    await server.stop();
    const changed = await admin(["set-password", NEW_USER.username], "the-second-password");
    assert.equal(changed.code, 0, changed.stderr);
    await server.start();
    await server.ready();
    assert.equal(await signInStatus(server, "the-first-password"), 401);
    assert.equal(await signInStatus(server, "the-second-password"), 200);
  }));

Deno.test("a second server on the same data folder is refused and the first serves on", () =>
  withServer(async (server) => {
    const listen = `127.0.0.1:${freePorts(1)[0]}`;
    const second = await knot(["server", "--config", server.configFile, "--listen", listen]);
    assert.equal(second.code, 1);
    assert.ok(second.stderr.includes(server.dataDir), second.stderr);
    assert.doesNotMatch(second.stderr, /^\s+at /m);
    await server.ready();
  }));

clusterTest("knot ping and knot cluster members say how the cluster is", { servers: 2, transport: "udp" }, async (
  cluster,
) => {
  const [server] = cluster.servers;
  const admins = await cluster.signIn();
  await cluster.allAlive(admins);
  const ping = await knot(["ping", "--server", server.url]);
  assert.equal(ping.code, 0, ping.stderr);
  const members = await knot(["cluster", "members", "--json", "--config", server.configFile]);
  assert.equal(members.code, 0, members.stderr);
  assert.equal(JSON.parse(members.stdout).length, cluster.servers.length, members.stdout);
  await server.stop();
  assert.equal((await knot(["ping", "--server", server.url])).code, 1);
});
