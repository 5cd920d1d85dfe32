import { Cluster, loadRecords, RECORD_BYTES } from "../../tests/e2e/mod.ts";
import { type Row } from "../membership/row.ts";
import type { Effort } from "./effort.ts";

const RECORD_MEMORY_BYTES_MAX = 1_200;
/** Between two looks, in milliseconds. */
const LOOK_MS = 1_000;
/** Memory has settled when it has not become less for so long, in milliseconds: the runtime gives back half a minute after a start. */
const SETTLED_MS = 45_000;
const SETTLE_MS_MAX = 180_000;
/** Less than this, in bytes, is no change. */
const NOISE_BYTES = 1_000_000;

/** What a record takes of a real server's memory, all in: the least resident memory with many, less that with none. */
export async function* measureMemory({ quick, signal, progress }: Effort): AsyncGenerator<Row> {
  const count = quick ? 20_000 : 100_000;
  await using cluster = await Cluster.start({ servers: 1, transport: "udp", signal });
  const [server] = cluster.servers;
  await server.stop();
  await server.start();
  progress("settling without records");
  const mostWithout = await server.process.residentBytes();
  const without = await settledBytes(() => server.process.residentBytes(), signal);
  await loadRecords(cluster.servers, { count, signal });
  progress(`settling with ${count} records`);
  const most = await server.process.residentBytes();
  const held = await settledBytes(() => server.process.residentBytes(), signal);
  const bytes = (held - without) / count;
  const mebibytes = (size: number) => `${Math.round(size / 2 ** 20)} MiB`;
  yield {
    what: `memory of a record of ${RECORD_BYTES} B, real`,
    must: `≤ ${RECORD_MEMORY_BYTES_MAX} B`,
    measured: `${Math.round(bytes)} B`,
    passed: bytes <= RECORD_MEMORY_BYTES_MAX,
    from:
      `${count} records, resident ${mebibytes(held)} less ${
        mebibytes(without)
      } of the same server without, each settled after a start; ` +
      `${mebibytes(most)} at once, ${Math.round((most - mostWithout) / count)} B more a record than without`,
  };
}

/** The least of what `read` answers with until that has not fallen for a while. */
async function settledBytes(read: () => Promise<number>, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  let least = Infinity, leastMs = started;
  while (performance.now() - leastMs < SETTLED_MS && performance.now() - started < SETTLE_MS_MAX) {
    signal.throwIfAborted();
    const bytes = await read();
    if (bytes < least - NOISE_BYTES) leastMs = performance.now();
    least = Math.min(least, bytes);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return least;
}
