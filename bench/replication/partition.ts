import { timeHealing, whyNoNamespaces } from "../../tests/e2e/netns/mod.ts";
import type { Row } from "../membership/row.ts";
import type { Effort } from "./effort.ts";
import { loadedNamespaces } from "./loaded_cluster.ts";

const HEAL_MS_MAX = 1_000;

/** Five real servers fall apart for a minute, write on both sides, and find together again. */
export async function* measurePartition({ quick, signal, progress }: Effort): AsyncGenerator<Row> {
  const { count, changes, apartMs } = quick
    ? { count: 1_000, changes: 100, apartMs: 20_000 }
    : { count: 10_000, changes: 1_000, apartMs: 60_000 };
  const whyNot = await whyNoNamespaces();
  if (whyNot !== undefined) throw new Error(`not measured: it ${whyNot}`);
  await using loaded = await loadedNamespaces({ servers: 5, records: count, signal });
  const { cluster, records } = loaded;
  progress(`apart for ${apartMs / 1_000} s`);
  const { healedMs, firstPacketAfterMs } = await timeHealing(cluster, { records, changes, apartMs, signal });
  yield {
    what: `all equal after a partition of ${apartMs / 1_000} s, real`,
    must: `≤ ${HEAL_MS_MAX} ms`,
    measured: `${Math.round(healedMs)} ms`,
    passed: healedMs <= HEAL_MS_MAX,
    from:
      `5 servers, 2 and 3, ${count} records, ${changes} changed on each side, half of them the same; from the first packet ` +
      `that got through, ${Math.round(firstPacketAfterMs)} ms after the mending (as events tell it, up to 50 ms late)`,
  };
}
