import { type ApiClient, Cluster } from "../../tests/e2e/mod.ts";
import { type SeededRecord, seededRecords, storeRecords } from "./seeded_records.ts";

/** All records that measurements make follow from this seed, and from the time. */
export const SEED = 1;

/** Servers that all hold the same records, run and know each other. Ends, and removes everything, with its owner. */
export interface LoadedCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  /** Signed in, in the servers' order. */
  readonly admins: readonly ApiClient[];
  readonly records: readonly SeededRecord[];
  /** How many records a second the servers' own store took in large commits, the best of all. */
  readonly storedPerSecond: number;
}

/** Sets up a cluster on loopback, stops it, puts `records` records into the data folder of each, and starts it again. */
export async function loadedCluster(
  { servers, records: count, signal }: { servers: number; records: number; signal: AbortSignal },
): Promise<LoadedCluster> {
  const cluster = await Cluster.start({ servers, transport: "udp", signal });
  try {
    await Promise.all(cluster.servers.map((server) => server.stop()));
    const records = seededRecords(count, { seed: SEED, wallMs: Date.now() });
    let storedPerSecond = 0;
    for (const { dataDir } of cluster.servers) {
      signal.throwIfAborted();
      storedPerSecond = Math.max(storedPerSecond, await storeRecords(dataDir, records));
    }
    await Promise.all(cluster.servers.map((server) => server.start()));
    await Promise.all(cluster.servers.map((server) => server.ready()));
    const admins = await cluster.signIn();
    await cluster.allAlive(admins);
    return {
      cluster,
      admins,
      records,
      storedPerSecond,
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  } catch (error) {
    if (!signal.aborted) cluster.report();
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}
