import { formedCluster, SEED } from "./formed.ts";
import { type Effort, largeCount, type Row } from "./row.ts";

/** What a server sends when nothing happens: sealed payload of its datagrams, without the headers below. */
export async function* measureIdle(effort: Effort): AsyncGenerator<Row> {
  const plans = [[3, 500], [10, 500], [100, 500], [largeCount(effort), 1_000]];
  for (const [count, mustBytes] of plans) {
    const seconds = (effort.quick ? 60_000 : 300_000) / Math.max(100, count);
    const { network, servers, clock } = await formedCluster(count);
    const sent = () => servers.reduce((sum, { address }) => sum + network.traffic(address).packet.sentBytes, 0);
    const before = sent();
    await clock.run(seconds * 1_000);
    const bytes = (sent() - before) / count / seconds;
    yield {
      what: `an idle server sends, at ${count}`,
      must: `≤ ${mustBytes} B/s`,
      measured: `${Math.round(bytes)} B/s`,
      passed: bytes <= mustBytes,
      from: `seed ${SEED}, ${seconds} s`,
    };
  }
}
