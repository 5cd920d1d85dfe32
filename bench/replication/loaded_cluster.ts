import { type ApiClient, Cluster, type Loaded, loadRecords } from "../../tests/e2e/mod.ts";
import { NamespaceCluster } from "../../tests/e2e/netns/mod.ts";

/** Servers on loopback that all hold the same records, run and know each other. Ends, and removes everything, with its owner. */
export interface LoadedCluster extends AsyncDisposable, Loaded {
  readonly cluster: Cluster;
  /** Signed in, in the servers' order. */
  readonly admins: readonly ApiClient[];
}

/** Starts `servers` servers with `records` records each. */
export async function loadedCluster(
  { servers, records: count, signal }: { servers: number; records: number; signal: AbortSignal },
): Promise<LoadedCluster> {
  const cluster = await Cluster.start({ servers, transport: "udp", signal });
  return await orDisposed(cluster, signal, async () => {
    const admins = await cluster.signIn();
    const loaded = await loadRecords(cluster.servers, { count, signal });
    await cluster.allAlive(admins);
    return { ...loaded, cluster, admins, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
  });
}

/** The same, each server in a network namespace. */
export async function loadedNamespaces(
  { servers, records: count, signal }: { servers: number; records: number; signal: AbortSignal },
): Promise<Loaded & AsyncDisposable & { readonly cluster: NamespaceCluster }> {
  const cluster = await NamespaceCluster.start({ servers, transport: "udp" });
  return await orDisposed(cluster, signal, async () => {
    const loaded = await loadRecords(cluster.servers, { count, signal });
    await cluster.allAlive();
    return { ...loaded, cluster, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
  });
}

/** What `prepare` answers with; when it fails, the cluster ends, and what its servers said is printed. */
async function orDisposed<T>(
  cluster: AsyncDisposable & { report(): void },
  signal: AbortSignal,
  prepare: () => Promise<T>,
): Promise<T> {
  try {
    return await prepare();
  } catch (error) {
    if (!signal.aborted) cluster.report();
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}
