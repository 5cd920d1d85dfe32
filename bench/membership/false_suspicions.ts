import { underLoss } from "./lossy.ts";
import type { Effort, Row } from "./row.ts";

const SERVERS = 100;

/** How often a live server is suspected, and how often declared dead, while packets get lost. */
export async function* measureFalseSuspicions({ quick }: Effort): AsyncGenerator<Row> {
  for (const { loss, mustShare } of [{ loss: 0.2, mustShare: 0.0003 }, { loss: 0.3, mustShare: 0.01 }]) {
    const plan = { servers: SERVERS, loss, seconds: quick ? 100 : 2_000, streams: false };
    const { probes, failed, seeds } = await underLoss(plan);
    yield {
      what: `false suspicions per probe at ${loss * 100} % loss, streams blocked`,
      must: `≤ ${mustShare * 100} %`,
      measured: `${(failed / probes * 100).toFixed(3)} %`,
      passed: failed / probes <= mustShare,
      from: `${seeds}, ${SERVERS} servers, ${probes} probes`,
    };
  }
  // 2,400 hours of one server each; and 3 million probes, one each second.
  for (
    const { loss, serverSeconds } of [{ loss: 0.2, serverSeconds: 8_640_000 }, { loss: 0.3, serverSeconds: 3_000_000 }]
  ) {
    const seconds = serverSeconds / SERVERS / (quick ? 500 : 1);
    const { probes, deaths, seeds } = await underLoss({ servers: SERVERS, loss, seconds, streams: true });
    yield {
      what: `live servers declared dead at ${loss * 100} % loss`,
      must: "0",
      measured: String(deaths),
      passed: deaths === 0,
      from: `${seeds}, ${SERVERS} servers, ${(SERVERS * seconds / 3_600).toFixed(0)} server-hours, ${probes} probes`,
    };
  }
}
