import { formedCluster, SEED } from "../membership/formed.ts";
import { largeCount, quantile, type Row } from "../membership/row.ts";
import type { Effort } from "./effort.ts";

const P99_MS_MAX = 400;
/** Time between two writes, in virtual milliseconds: past the last word about the one before. */
const APART_MS = 5_000;

/** How soon a write at one of a thousand simulated servers is at all of them, links of 10 ms each way. */
export async function* measureLargeSpread(effort: Effort): AsyncGenerator<Row> {
  const count = largeCount(effort);
  const writes = effort.quick ? 10 : 50;
  effort.progress(`forming a cluster of ${count}, which takes minutes`);
  const simulation = await formedCluster(count);
  const { servers, random, clock } = simulation;
  const writtenMs = new Map<string, number>();
  const tookMs: number[] = [];
  const deaf = servers.map(({ node }) =>
    node!.onChange(({ id }) => {
      const atMs = writtenMs.get(id);
      if (atMs !== undefined) tookMs.push(clock.monotonicMs() - atMs);
    })
  );
  for (let index = 0; index < writes; index++) {
    effort.signal.throwIfAborted();
    const id = simulation.id();
    writtenMs.set(id, clock.monotonicMs());
    const fields = { name: `spread_${index}`, value: "x".repeat(100) };
    const writer = servers[random.below(count)].node!;
    await simulation.finish(writer.write([{ op: "create", kind: "template_variable", id, fields }]));
    await clock.run(APART_MS);
    effort.progress(`${index + 1} of ${writes} writes`);
  }
  for (const stop of deaf) stop();
  const missing = writes * count - tookMs.length;
  const p99 = quantile(tookMs, 0.99);
  yield {
    what: `the same at ${count}, p99`,
    must: `≤ ${P99_MS_MAX} ms`,
    measured: `${Math.round(p99)} ms`,
    passed: p99 <= P99_MS_MAX && missing === 0,
    from: `simulated, seed ${SEED}, links of 10 ms, ${writes} writes, ${tookMs.length} arrivals, ${missing} missing ` +
      `${APART_MS / 1_000} s later, worst ${Math.round(quantile(tookMs, 1))} ms`,
  };
}
