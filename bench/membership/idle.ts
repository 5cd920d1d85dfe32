import { formedCluster } from "./formed.ts";
import type { Effort, Row } from "./row.ts";

/** What an idle server may send, in bytes a second. */
const PLANS = [
  { count: 3, mustBytes: 500 },
  { count: 10, mustBytes: 500 },
  { count: 100, mustBytes: 500 },
  { count: 1_000, mustBytes: 1_000 },
];

/** What a server sends when nothing happens: sealed payload of its datagrams, without the headers below. */
export async function* measureIdle({ quick }: Effort): AsyncGenerator<Row> {
  for (const { count, mustBytes } of PLANS) {
    const seconds = (quick ? 60_000 : 300_000) / Math.max(100, count);
    const { network, servers, clock } = await formedCluster(count, { seed: 1 });
    const sent = () => servers.reduce((sum, { address }) => sum + network.traffic(address).packet.sentBytes, 0);
    const before = sent();
    await clock.run(seconds * 1_000);
    const bytes = (sent() - before) / count / seconds;
    yield {
      what: `an idle server sends, at ${count}`,
      must: `≤ ${mustBytes} B/s`,
      measured: `${Math.round(bytes)} B/s`,
      passed: bytes <= mustBytes,
      from: `seed 1, ${seconds} s`,
    };
  }
}
