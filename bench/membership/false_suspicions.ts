import { FINE_LINK } from "../../tests/simulation/mod.ts";
import { formedCluster, SEED } from "./formed.ts";
import type { Effort, Row } from "./row.ts";

const SERVERS = 100;

/** What a run under loss came to. */
interface Lossy {
  readonly probes: number;
  readonly failed: number;
  readonly deaths: number;
}

/** How often a live server is suspected, and how often declared dead, while packets get lost. */
export async function* measureFalseSuspicions({ quick }: Effort): AsyncGenerator<Row> {
  for (const { loss, mustShare } of [{ loss: 0.2, mustShare: 0.0003 }, { loss: 0.3, mustShare: 0.01 }]) {
    const { probes, failed } = await underLoss(loss, { seconds: quick ? 100 : 2_000, streams: false });
    yield {
      what: `false suspicions per probe at ${loss * 100} % loss, streams blocked`,
      must: `≤ ${mustShare * 100} %`,
      measured: `${(failed / probes * 100).toFixed(3)} %`,
      passed: failed / probes <= mustShare,
      from: `seed ${SEED}, ${SERVERS} servers, ${probes} probes`,
    };
  }
  // 2,400 hours of one server each; and 3 million probes, one each second.
  for (
    const { loss, serverSeconds } of [{ loss: 0.2, serverSeconds: 8_640_000 }, { loss: 0.3, serverSeconds: 3_000_000 }]
  ) {
    const virtualSeconds = serverSeconds / SERVERS / (quick ? 500 : 1);
    const { probes, deaths } = await underLoss(loss, { seconds: virtualSeconds, streams: true });
    yield {
      what: `live servers declared dead at ${loss * 100} % loss`,
      must: "0",
      measured: String(deaths),
      passed: deaths === 0,
      from: `seed ${SEED}, ${SERVERS} servers, ${
        (SERVERS * virtualSeconds / 3_600).toFixed(0)
      } server-hours, ${probes} probes`,
    };
  }
}

async function underLoss(loss: number, { seconds, streams }: { seconds: number; streams: boolean }): Promise<Lossy> {
  const simulation = await formedCluster(SERVERS);
  let failed = 0, deaths = 0;
  simulation.log.onLine(({ message, fields }) => {
    if (message === "Probe failed") failed++;
    if (message === "Member changed state" && fields.state === "dead") deaths++;
  });
  simulation.weather.setUsual({ ...FINE_LINK, loss });
  simulation.weather.streamsBlocked = !streams;
  await simulation.clock.run(seconds * 1_000);
  return { probes: SERVERS * seconds, failed, deaths };
}
