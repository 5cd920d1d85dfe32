import { FINE_LINK } from "../../tests/simulation/mod.ts";
import { formedCluster, SEED } from "./formed.ts";
import { type Effort, largeCount, quantile, type Row } from "./row.ts";

/** Time between two changes, in milliseconds: past the last retransmission of the one before. */
const APART_MS = 10_000;

/** How soon everybody has heard of a server that somebody has found. */
export async function* measureSpread(effort: Effort): AsyncGenerator<Row> {
  const joins = effort.quick ? 5 : 20;
  const count = largeCount(effort);
  for (const { loss, mustMs } of [{ loss: 0, mustMs: 400 }, { loss: 0.3, mustMs: 1_000 }]) {
    const tookMs = await spread(count, { joins, loss });
    const p99 = quantile(tookMs, 0.99);
    yield {
      what: `a change reaches all ${count}, p99, at ${loss * 100} % loss`,
      must: `≤ ${mustMs} ms`,
      measured: `${Math.round(p99)} ms`,
      passed: p99 <= mustMs,
      from: `seed ${SEED}, ${joins} servers that join, ${tookMs.length} arrivals of the news`,
    };
  }
}

/** For each server that joins and each that hears of it, the time since the first one heard, in milliseconds. */
async function spread(count: number, { joins, loss }: { joins: number; loss: number }): Promise<number[]> {
  const simulation = await formedCluster(count);
  simulation.weather.setUsual({ ...FINE_LINK, loss });
  const heard = new Map<string, number[]>();
  const deaf = simulation.log.onLine(({ message, fields, atMs }) => {
    if (message === "Member found") heard.get(String(fields.member))?.push(atMs);
  });
  for (let index = 0; index < joins; index++) {
    const { servers, random, clock } = simulation;
    const joining = simulation.add({ peers: [servers[random.below(count)].address] });
    heard.set(joining.nodeId, []);
    await simulation.start(joining);
    await clock.run(APART_MS);
  }
  deaf();
  return [...heard.values()].flatMap((times) => times.map((atMs) => atMs - times[0]));
}
