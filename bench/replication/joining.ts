import { type ApiClient, Cluster, loadRecords, RECORD_BYTES, until } from "../../tests/e2e/mod.ts";
import type { Row } from "../membership/row.ts";
import type { Effort } from "./effort.ts";

const RECORDS_PER_SECOND_MIN = 12_000;
/** Of the rate at which the store takes the same records in large commits. */
const STORE_SHARE_MIN = 0.25;
/** Servers that have the records; a new one comes to them. */
const OLD_SERVERS = 2;
const JOINED_MS_MAX = 120_000;

/** A new real server comes to two that hold many records: how many a second are on its disk. */
export async function* measureJoining({ quick, signal, progress }: Effort): AsyncGenerator<Row> {
  const count = quick ? 20_000 : 100_000;
  await using cluster = await Cluster.prepare({ servers: OLD_SERVERS + 1, transport: "udp" });
  const old = cluster.servers.slice(0, OLD_SERVERS), fresh = cluster.servers[OLD_SERVERS];
  try {
    await Promise.all(old.map((server) => server.start()));
    await cluster.setUp();
    await Promise.all(old.map((server) => server.ready()));
    const { token } = await old[0].api.signIn(cluster.admin.email, cluster.admin.password);
    progress(`${count} records are put into the stores of ${OLD_SERVERS} servers`);
    const { storedPerSecond } = await loadRecords(old, { count, signal });
    progress("the new server starts");
    await fresh.start();
    const started = performance.now();
    const held = await recordsHeld(old[0].api.withToken(token!));
    let readyMs: number | undefined;
    await until(`The new server holds all ${held} records`, JOINED_MS_MAX, async () => {
      signal.throwIfAborted();
      const isReady = (await fresh.api.request("GET", "/readyz")).status === 200;
      if (isReady) readyMs ??= Math.round(performance.now() - started);
      return isReady && await recordsHeld(fresh.api.withToken(token!)) >= held;
    });
    const elapsedMs = Math.round(performance.now() - started);
    const perSecond = count / elapsedMs * 1_000;
    const share = perSecond / storedPerSecond;
    yield {
      what: `a new server pulls ${count} records of ${RECORD_BYTES} B, real`,
      must: `≥ ${RECORDS_PER_SECOND_MIN}/s, ≥ ${STORE_SHARE_MIN} of store`,
      measured: `${Math.round(perSecond)}/s, ${share.toFixed(2)}`,
      passed: perSecond >= RECORDS_PER_SECOND_MIN && share >= STORE_SHARE_MIN,
      from:
        `from ${OLD_SERVERS} servers, ${elapsedMs} ms from its first answer until all were on its disk, ready after ${readyMs} ms; ` +
        `the store alone, in this run: ${Math.round(storedPerSecond)}/s`,
    };
  } catch (error) {
    if (!signal.aborted) cluster.report();
    throw error;
  }
}

/** Records and tombstones that a server has on disk. */
async function recordsHeld(admin: ApiClient): Promise<number> {
  return Number(/^knot_records_held (\d+)$/m.exec(await admin.get("/metrics"))?.[1]);
}
