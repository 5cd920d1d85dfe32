import assert from "node:assert/strict";
import { join } from "node:path";
import { ADMIN, type ApiClient, Cluster, clusterTest, knot, Server, until } from "./mod.ts";

const PATIENCE_MS = 25_000;
const GROUPS = 30;

clusterTest("knot server --reseed fills a server whose database is torn from the cluster", {
  servers: 3,
  transport: "udp",
}, async (cluster) => {
  const admins = await cluster.signIn();
  await cluster.allAlive(admins);
  await makeGroups(admins[0], "before");
  const victim = cluster.servers[2];
  await holdsGroups(admins[2], GROUPS);
  await victim.stop();
  const database = join(victim.dataDir, "knot.db");
  const { size } = await Deno.stat(database);
  await Deno.truncate(database, Math.floor(size / 8_192) * 4_096);

  await withFlag(victim, "--reseed");
  await holdsGroups(admins[2], GROUPS);
  const aside = [...Deno.readDirSync(victim.dataDir)].map(({ name }) => name).filter((name) =>
    /^knot\.db\.\d{8}T/.test(name)
  );
  assert.ok(aside.length > 0, "the old file is kept");
  assert.ok(victim.process.lines.some((line) => line.includes(aside[0])), "the log names it");
});

clusterTest("a server that was filled again takes its former id out of the cluster", {
  servers: 2,
  transport: "udp",
}, async (cluster) => {
  const admins = await cluster.signIn();
  await cluster.allAlive(admins);
  const idOf = async () =>
    (await admins[1].get("/api/cluster-info")).find(({ metadata }: { metadata: { self: string } }) =>
      metadata.self === "true"
    ).id;
  const former = await idOf();
  await cluster.servers[1].stop();
  await withFlag(cluster.servers[1], "--reseed");
  await until("only the new id is left", PATIENCE_MS, async () => {
    const members: Array<{ id: string }> = await admins[0].get("/api/cluster-info");
    return members.length === 2 && members.every(({ id }) => id !== former);
  });
  await cluster.servers[1].ready();
  assert.notEqual(await idOf(), former);
});

Deno.test("knot server --adopt gives up a data set of its own for the cluster's, and refuses to do so again", async () => {
  await using cluster = await Cluster.prepare({ servers: 2, transport: "udp" });
  const [first, second] = cluster.servers;
  try {
    for (const server of cluster.servers) {
      const alone = new Server({ ...server.settings, cluster: { ...server.settings.cluster!, peers: [] } });
      await alone.start();
      await cluster.setUp(alone);
      await makeGroups(await alone.api.signIn(ADMIN.email, ADMIN.password), alone.settings.zone);
      await alone.stop();
    }
    await first.start();
    await withFlag(second, "--adopt");
    await second.ready();
    const [, admin] = await cluster.signIn(first);
    await until("the second server holds the first one's groups", PATIENCE_MS, async () => {
      const names = await groupNames(admin);
      assert.ok(!names.some((name) => name.startsWith(second.settings.zone)), "not its own any more");
      return names.filter((name) => name.startsWith(first.settings.zone)).length === GROUPS;
    });
    await second.stop();
    const again = await knot(["server", "--config", second.configFile, "--adopt"]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /holds the cluster's data set already/);
  } catch (error) {
    cluster.report();
    throw error;
  }
});

clusterTest("rows that cannot be read keep no server down: the others send what they held", {
  servers: 2,
  transport: "udp",
}, async (cluster) => {
  const admins = await cluster.signIn();
  await cluster.allAlive(admins);
  await makeGroups(admins[0], "kept");
  await holdsGroups(admins[1], GROUPS);
  const victim = cluster.servers[1];
  await victim.stop();
  const damaged = await damageRows(victim, ["record", "group"], 5);
  const members = await damageRows(victim, ["member"], 2); // Its own among them.

  const check = await knot(["admin", "check", "--config", victim.configFile]);
  assert.equal(check.code, 1);
  for (const id of damaged) assert.ok(check.stderr.includes(`record/group/${id}`), check.stderr);
  for (const id of members) assert.ok(check.stderr.includes(`member/${id}`), check.stderr);
  assert.match(check.stderr, /starts all the same/);
  await victim.start();
  await victim.ready();
  for (const id of damaged) {
    assert.ok(victim.process.lines.some((line) => line.includes(`record/group/${id}`)), "the log names the row");
  }
  await holdsGroups(admins[1], GROUPS);
  await holdsGroups(admins[0], GROUPS);
  await victim.stop();
  const after = await knot(["admin", "check", "--config", victim.configFile]);
  assert.equal(after.code, 0, after.stderr);
  assert.match(after.stdout, /^set aside as damaged +7$/m);

  await damageRows(victim, ["meta", "lineage"], 1);
  const refused = await knot(["server", "--config", victim.configFile]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /row "meta\/lineage" of .*not those that were written.*--reseed/);
  const [problem] = [await knot(["admin", "check", "--config", victim.configFile])];
  assert.match(problem.stderr, /row "meta\/lineage".*--reseed/s);
});

/** Changes bytes of some rows, as a fault of the disk might; the last parts of their keys. */
async function damageRows(server: Server, under: readonly string[], count: number): Promise<string[]> {
  using kv = await Deno.openKv(join(server.dataDir, "knot.db"));
  const ids: string[] = [];
  const start = ["row", ...under];
  for await (const { key, value } of kv.list<Uint8Array>({ start, end: [...start, "\uffff"] }, { limit: count })) {
    await kv.set(key, value.map((byte, index) => index === 0 ? byte : byte ^ 0x55));
    ids.push(String(key.at(-1)));
  }
  return ids;
}

async function withFlag(server: Server, flag: string): Promise<void> {
  await server.spawn([flag]);
  await server.answers();
}

async function makeGroups(admin: ApiClient, prefix: string): Promise<void> {
  for (let index = 0; index < GROUPS; index++) await admin.create("/api/groups", { name: `${prefix}-${index}` });
}

async function groupNames(admin: ApiClient): Promise<string[]> {
  return (await admin.get("/api/groups")).groups.map(({ name }: { name: string }) => name);
}

async function holdsGroups(admin: ApiClient, count: number): Promise<void> {
  await until(
    `${admin.url} holds ${count} groups`,
    PATIENCE_MS,
    async () => (await groupNames(admin)).length === count,
  );
}
