import { whyNoNamespaces } from "../../tests/e2e/netns/mod.ts";
import type { Row } from "../membership/row.ts";
import type { Effort } from "./effort.ts";
import { loadedNamespaces } from "./loaded_cluster.ts";

const SERVERS = 5;
const BYTES_PER_SECOND_MAX = 500;
/** After the start the last words about it are said, and connections that nobody uses are closed, in milliseconds. */
const SETTLE_MS = 75_000;
/** Ethernet, IPv4 and UDP, in bytes: what the network adds to the payload of each datagram. */
const HEADER_BYTES = 14 + 20 + 8;

/** What five real servers that hold the same send when nothing happens, by the counters of the network. */
export async function* measureIdleTraffic({ quick, signal, progress }: Effort): AsyncGenerator<Row> {
  const { count, watchMs } = quick ? { count: 10_000, watchMs: 20_000 } : { count: 100_000, watchMs: 120_000 };
  const whyNot = await whyNoNamespaces();
  if (whyNot !== undefined) throw new Error(`not measured: it ${whyNot}`);
  await using loaded = await loadedNamespaces({ servers: SERVERS, records: count, signal });
  const { lab } = loaded.cluster;
  progress(`settling for ${SETTLE_MS / 1_000} s`);
  await pause(SETTLE_MS, signal);
  progress(`watching for ${watchMs / 1_000} s`);
  const before = await lab.traffic();
  const started = performance.now();
  await pause(watchMs, signal);
  const after = await lab.traffic();
  const seconds = (performance.now() - started) / 1_000;
  // What servers send to each other alone: nobody asks their API meanwhile.
  const rates = after.map(({ sentBytes, sentPackets }, index) => {
    const bytes = sentBytes - before[index].sentBytes, packets = sentPackets - before[index].sentPackets;
    return { wire: bytes / seconds, payload: (bytes - packets * HEADER_BYTES) / seconds };
  });
  const [payload, wire] = [Math.max(...rates.map((rate) => rate.payload)), Math.max(...rates.map((rate) => rate.wire))];
  yield {
    what: `idle, ${count} records, each of ${SERVERS} sends, real`,
    must: `≤ ${BYTES_PER_SECOND_MAX} B/s`,
    measured: `${Math.round(payload)} B/s`,
    passed: payload <= BYTES_PER_SECOND_MAX,
    from: `the most of the ${SERVERS} over ${Math.round(seconds)} s, sealed payload; with Ethernet, IP and UDP ${
      Math.round(wire)
    } B/s`,
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, Math.min(100, Math.max(0, end - performance.now()))));
  }
}
