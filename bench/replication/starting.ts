import { Cluster, loadRecords, RECORD_BYTES, type Server } from "../../tests/e2e/mod.ts";
import { quantile, type Row } from "../membership/row.ts";
import type { Effort } from "./effort.ts";

const REBUILD_MS_MAX = 2_000;
/** Of a process without records and of one with them. */
const STARTS = 7;

/** What reading the store and rebuilding the fingerprint index adds to the start of a real server, until it is ready. */
export async function* measureStarting({ quick, signal, progress }: Effort): AsyncGenerator<Row> {
  const count = quick ? 20_000 : 100_000;
  await using cluster = await Cluster.start({ servers: 1, transport: "udp", signal });
  const [server] = cluster.servers;
  const withoutMs = await medianStartMs(server, signal);
  progress(`loading ${count} records`);
  await loadRecords(cluster.servers, { count, signal });
  const withMs = await medianStartMs(server, signal);
  const rebuildMs = withMs - withoutMs;
  yield {
    what: `the index of ${count} records rebuilt at start, real`,
    must: `≤ ${REBUILD_MS_MAX} ms`,
    measured: `${Math.round(rebuildMs)} ms`,
    passed: rebuildMs <= REBUILD_MS_MAX,
    from:
      `records of ${RECORD_BYTES} B; from the process's start until /readyz says so ${Math.round(withMs)} ms, less ` +
      `${Math.round(withoutMs)} ms of the same server without them; medians of ${STARTS} starts`,
  };
}

async function medianStartMs(server: Server, signal: AbortSignal): Promise<number> {
  const tookMs: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    signal.throwIfAborted();
    await server.stop();
    const started = performance.now();
    await server.start();
    await server.ready();
    tookMs.push(performance.now() - started);
  }
  return quantile(tookMs, 0.5);
}
