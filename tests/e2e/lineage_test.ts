import assert from "node:assert/strict";
import { Cluster, eachTransport, Server, until } from "./mod.ts";

/** From the start of the servers: an empty one waits ten seconds for a peer that has data. */
const PATIENCE_MS = 25_000;

async function prepared(
  options: Parameters<typeof Cluster.prepare>[0],
  body: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  await using cluster = await Cluster.prepare(options);
  try {
    await body(cluster);
  } catch (error) {
    cluster.report();
    throw error;
  }
}

for (const transport of eachTransport) {
  Deno.test(`setting up any one of three empty servers makes it the cluster's (${transport})`, () =>
    prepared({ servers: 3, transport }, async (cluster) => {
      await Promise.all(cluster.servers.map((server) => server.start()));
      await cluster.setUp(cluster.servers[2]);
      await Promise.all(cluster.servers.map((server) => server.ready()));
      const admins = await cluster.signIn(cluster.servers[1]);
      await cluster.allAlive(admins);
      for (const { api } of cluster.servers) {
        const again = { token: "0".repeat(64), username: "second", email: "b@example.com", password: "long-enough" };
        assert.equal((await api.request("POST", "/api/setup", again)).status, 409);
      }
    }));
}

Deno.test("two servers with data of their own do not merge: both say so and serve on", () =>
  prepared({ servers: 2, transport: "udp" }, async (cluster) => {
    const [first, second] = cluster.servers;
    const alone = cluster.servers.map(({ settings }) =>
      new Server({ ...settings, cluster: { ...settings.cluster!, peers: [] } })
    );
    try {
      for (const server of alone) {
        await server.start();
        await cluster.setUp(server);
        await server.ready();
      }
    } finally {
      for (const server of alone) await server.stop();
    }

    await Promise.all([first.start(), second.start()]);
    for (const server of [first, second]) {
      await until(
        `${server.settings.zone} speaks of the other data set`,
        PATIENCE_MS,
        () => server.process.lines.some((line) => /lineage|data set/i.test(line)),
      );
      await server.ready();
    }
    const admin = await first.api.signIn("admin@example.com", "correct-horse-battery");
    await admin.create("/api/groups", { name: "only-here" });
    assert.equal((await second.api.withToken(admin.token!).request("GET", "/api/groups")).status, 401);
  }));
