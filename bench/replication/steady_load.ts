import type { Row } from "../membership/row.ts";
import { GROWTH_MEGABYTES_MAX, LAG_P99_MS_MAX, runReplicationSoak } from "../soak/replication.ts";
import type { Effort } from "./effort.ts";

const RATE = 1_000;
const SERVERS = 5;

/** The soak of `deno task soak replication`, as one row. */
export async function* measureSteadyLoad({ quick, signal, progress }: Effort): AsyncGenerator<Row> {
  const { minutes, records } = quick ? { minutes: 1, records: 1_000 } : { minutes: 10, records: 10_000 };
  const soak = await runReplicationSoak({ minutes, records, rate: RATE, servers: SERVERS }, { signal, tell: progress });
  yield {
    what: `${RATE} updates a second, ${minutes} minutes, p99 lag, growth`,
    must: `≤ ${LAG_P99_MS_MAX} ms, ≤ ${GROWTH_MEGABYTES_MAX} MB`,
    measured: `${Math.round(soak.lagP99Ms)} ms, ${Math.round(soak.growthMegabytes)} MB`,
    passed: soak.findings.length === 0,
    from:
      `real, ${SERVERS} servers, ${records} records, ${
        Math.round(soak.acknowledgedPerSecond)
      } a second acknowledged, ` +
      `p50 lag ${
        Math.round(soak.lagP50Ms)
      } ms; growth from the second minute's most to the last one's, of the worst server` +
      soak.findings.map((finding) => `; ${finding}`).join(""),
  };
}
