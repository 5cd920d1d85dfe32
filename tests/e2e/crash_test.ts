import assert from "node:assert/strict";
import { type ApiClient, clusterTest, eachTransport, timed, until } from "./mod.ts";

/** What the product promises a server that comes back: from its first answer to the last record. */
const CAUGHT_UP_MS = 3_000;
const PATIENCE_MS = 30_000;

/** Writers at one time, as many scripts would be. */
const WRITERS = 10;

/** Makes variables `prefix_0`, `prefix_1`, … through `clients` in turn; answers with the names that were acknowledged. */
async function writeVariables(clients: readonly ApiClient[], prefix: string, count: number): Promise<string[]> {
  const acknowledged: string[] = [];
  let next = 0;
  const write = async () => {
    while (next < count) {
      const index = next++;
      const name = `${prefix}_${index}`;
      // A refused or broken request is no acknowledgement; which ones were is what the tests hold on to.
      const answer = await clients[index % clients.length]
        .request("POST", "/api/templatevars", { name, value: `value ${index}`, zones: [] })
        .catch(() => undefined);
      if (answer?.status === 201) acknowledged.push(name);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  return acknowledged;
}

async function variableNames(client: ApiClient): Promise<Set<string>> {
  const { variables } = await client.get("/api/templatevars");
  return new Set(variables.map((variable: { name: string }) => variable.name));
}

async function missing(client: ApiClient, names: readonly string[]): Promise<string[]> {
  const held = await variableNames(client);
  return names.filter((name) => !held.has(name));
}

async function holdsAll(client: ApiClient, names: readonly string[]): Promise<number> {
  const { elapsedMs } = await timed(() =>
    until(`${client.url} has all ${names.length} variables`, PATIENCE_MS, async () => {
      const lost = await missing(client, names);
      if (lost.length > 0) throw new Error(`${lost.length} missing, ${lost[0]} the first`);
      return true;
    })
  );
  return elapsedMs;
}

for (const transport of eachTransport) {
  clusterTest("a killed server catches up and has lost nothing", { servers: 3, transport }, async (cluster) => {
    const [first, second, victim] = await cluster.signIn();
    await cluster.allAlive([first, second, victim]);
    const own = await writeVariables([victim], "own", 20);
    assert.equal(own.length, 20);
    await cluster.servers[2].kill();

    const others = await writeVariables([first, second], "others", 500);
    assert.equal(others.length, 500, "the others must go on writing");

    await cluster.servers[2].start();
    const elapsedMs = await holdsAll(victim, [...own, ...others]);
    console.log(`The killed server had all 500 variables ${elapsedMs} ms after its first answer`);
    assert.ok(elapsedMs <= CAUGHT_UP_MS, `${elapsedMs} ms`);
    for (const admin of [first, second]) await holdsAll(admin, [...own, ...others]);
  });
}

clusterTest("three servers killed in the midst of writing lose nothing that they acknowledged", {
  servers: 3,
  transport: "udp",
}, async (cluster) => {
  const admins = await cluster.signIn();
  await cluster.allAlive(admins);
  const before = await writeVariables(admins, "before", 100);
  assert.equal(before.length, 100);

  const writing = writeVariables(admins, "during", 2_000);
  await until("Writing is under way", PATIENCE_MS, async () => (await variableNames(admins[0])).size >= 150);
  await Promise.all(cluster.servers.map((server) => server.kill()));
  const during = await writing;
  assert.ok(during.length < 2_000, "the servers were to be killed before the last write");
  console.log(`${during.length} writes were acknowledged before the servers were killed`);

  await Promise.all(cluster.servers.map((server) => server.start()));
  const times = await Promise.all(admins.map((admin) => holdsAll(admin, [...before, ...during])));
  console.log(`All three had everything ${times.join(", ")} ms after their first answer`);
  for (const elapsedMs of times) assert.ok(elapsedMs <= CAUGHT_UP_MS, `${elapsedMs} ms`);
});
