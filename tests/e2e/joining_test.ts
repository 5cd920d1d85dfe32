import assert from "node:assert/strict";
import { type ApiClient, Cluster, HttpConnection, loadRecords, type SeededRecord, timed, until } from "./mod.ts";

const OLD_SERVERS = 5;
const RECORDS = 20_000;
/** Patience for what must come at last: six servers share the machine with other tests. */
const JOINED_MS_MAX = 60_000;
/** One record in so many is compared value by value; of the others it is known how many there are. */
const COMPARED_EVERY = 200;

Deno.test(`a new server gets all ${RECORDS} records of ${OLD_SERVERS} servers, and says how far it is`, async () => {
  await using cluster = await Cluster.prepare({ servers: OLD_SERVERS + 1, transport: "udp" });
  const old = cluster.servers.slice(0, OLD_SERVERS), fresh = cluster.servers[OLD_SERVERS];
  try {
    await Promise.all(old.map((server) => server.start()));
    await cluster.setUp();
    await Promise.all(old.map((server) => server.ready()));
    const { token } = await old[0].api.signIn(cluster.admin.email, cluster.admin.password);
    const { records } = await loadRecords(old, { count: RECORDS });
    const [there, here] = [old[0], fresh].map(({ api }) => api.withToken(token!));

    await fresh.start();
    const told = new Set<string>();
    const { elapsedMs } = await timed(() =>
      until("The new server holds everything", JOINED_MS_MAX, async () => {
        const { status, body } = await fresh.api.request("GET", "/readyz");
        if (status !== 200) told.add(body.error);
        return status === 200 && await recordsHeld(here) === await recordsHeld(there);
      })
    );
    console.log(`The new server held ${RECORDS} records after ${elapsedMs} ms; it said: ${[...told].join("; ")}`);
    assert.ok(told.size > 0, "A server that is not ready must say why");
    assert.ok(
      fresh.process.lines.some((line) => line.includes("Received the cluster's data")),
      "The log tells the end",
    );
    await assertSame([there, here], records.filter((_, index) => index % COMPARED_EVERY === 0));
  } catch (error) {
    cluster.report();
    throw error;
  }
});

/** Records and tombstones that a server has on disk. */
async function recordsHeld(admin: ApiClient): Promise<number> {
  return Number(/^knot_records_held (\d+)$/m.exec(await admin.get("/metrics"))![1]);
}

async function assertSame(admins: readonly ApiClient[], records: readonly SeededRecord[]): Promise<void> {
  for (const { id } of records) {
    const shown = await Promise.all(admins.map(async (admin) => {
      using connection = await HttpConnection.open({ url: admin.url, token: admin.token });
      return await connection.request("GET", `/api/templatevars/${id}`);
    }));
    for (const { status, body } of shown) assert.deepEqual({ status, body }, { status: 200, body: shown[0].body });
  }
}
