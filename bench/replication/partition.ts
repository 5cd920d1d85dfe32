import { HttpConnection, type SeededRecord, until } from "../../tests/e2e/mod.ts";
import { type LinkRule, type NamespaceCluster, whyNoNamespaces } from "../../tests/e2e/netns/mod.ts";
import type { Row } from "../membership/row.ts";
import { ChangeFeed } from "./change_feed.ts";
import type { Effort } from "./effort.ts";
import { loadedNamespaces } from "./loaded_cluster.ts";

/** Who is on which side. */
export const SIDES = [[0, 1], [2, 3, 4]] as const;
const HEAL_MS_MAX = 1_000;
/** From the mending until the first packet gets through: the dead are tried anew every 5 s. */
const FIRST_PACKET_MS_MAX = 15_000;
const ALL_EQUAL_MS_MAX = 60_000;
/** Writers on each side at one time. */
const WRITERS = 4;
/** Changes come after so much of the partition: by then each side has called the other dead. */
const CHANGE_AFTER_SHARE = 0.6;

/** Which records each side changes: as many on both, half of them the same. */
export function changesOfSides(records: readonly SeededRecord[], changes: number): [SeededRecord[], SeededRecord[]] {
  const half = Math.floor(changes / 2);
  return [records.slice(0, changes), records.slice(half, half + changes)];
}

/** Five real servers fall apart for a minute, write on both sides, and find together again. */
export async function* measurePartition({ quick, signal, progress }: Effort): AsyncGenerator<Row> {
  const { count, changes, apartMs } = quick
    ? { count: 1_000, changes: 100, apartMs: 20_000 }
    : { count: 10_000, changes: 1_000, apartMs: 60_000 };
  const whyNot = await whyNoNamespaces();
  if (whyNot !== undefined) throw new Error(`not measured: it ${whyNot}`);
  await using loaded = await loadedNamespaces({ servers: 5, records: count, signal });
  const { cluster, records } = loaded;
  const sides = changesOfSides(records, changes);
  progress(`apart for ${apartMs / 1_000} s`);
  await cluster.lab.drop(between(cluster));
  const apart = performance.now();
  await pause(apartMs * CHANGE_AFTER_SHARE, signal);
  // One field on the one side, another on the other: all that both sides did must be there at the end.
  await Promise.all(
    sides.map((changed, side) =>
      changeAll(
        cluster,
        SIDES[side],
        changed,
        (record) => side === 0 ? { value: `new ${record.id}` } : { restricted: true },
      )
    ),
  );
  progress(`changed ${changes} records on each side`);
  await pause(apartMs - (performance.now() - apart), signal);
  const feeds = await Promise.all(cluster.admins.map((admin, index) => {
    const news = SIDES[0].some((server) => server === index) ? sides[1] : sides[0];
    return ChangeFeed.open(admin, news.map(({ id }) => id));
  }));
  const { mendedMs, firstPacketMs } = await mend(cluster);
  const expired = new Promise<never>((_, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${feeds.map((feed) => feed.missingCount)} changes are missing`)),
      ALL_EQUAL_MS_MAX,
    );
    Deno.unrefTimer(timer);
  });
  await Promise.race([Promise.all(feeds.map(({ complete }) => complete)), expired]);
  const healedMs = Math.max(...feeds.map(({ lastMs }) => lastMs)) - firstPacketMs;
  for (const feed of feeds) feed[Symbol.dispose]();
  await assertEqual(cluster, [...new Set(sides.flat())]);
  yield {
    what: `all equal after a partition of ${apartMs / 1_000} s, real`,
    must: `≤ ${HEAL_MS_MAX} ms`,
    measured: `${Math.round(healedMs)} ms`,
    passed: healedMs <= HEAL_MS_MAX,
    from:
      `5 servers, 2 and 3, ${count} records, ${changes} changed on each side, half of them the same; from the first packet ` +
      `that got through, ${
        Math.round(firstPacketMs - mendedMs)
      } ms after the mending (as events tell it, up to 50 ms late)`,
  };
}

function between({ lab }: NamespaceCluster): LinkRule[] {
  const address = (index: number) => lab.places[index].address;
  return SIDES[0].flatMap((a) =>
    SIDES[1].flatMap((b) => [{ from: address(a), to: address(b) }, { from: address(b), to: address(a) }])
  );
}

/** Everything arrives again. The packets of the broken links are counted until there is one. */
async function mend(cluster: NamespaceCluster): Promise<{ mendedMs: number; firstPacketMs: number }> {
  await cluster.lab.drop(between(cluster).map((rule) => ({ ...rule, countOnly: true })));
  const mendedMs = performance.now();
  await until("A packet gets through", FIRST_PACKET_MS_MAX, async () => {
    return (await cluster.lab.dropped()).some((count) => count > 0);
  });
  return { mendedMs, firstPacketMs: performance.now() };
}

async function changeAll(
  { admins }: NamespaceCluster,
  side: readonly number[],
  records: readonly SeededRecord[],
  change: (record: SeededRecord) => unknown,
): Promise<void> {
  let next = 0;
  const writer = async (index: number) => {
    const { url, token } = admins[side[index % side.length]];
    using connection = await HttpConnection.open({ url, token });
    while (next < records.length) {
      const record = records[next++];
      const { status, body } = await connection.request("PUT", `/api/templatevars/${record.id}`, change(record));
      if (status !== 200) throw new Error(`A change was answered ${status}: ${body}`);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(index)));
}

/** @throws {Error} naming a record that not all servers show alike, with what both sides did */
async function assertEqual({ admins }: NamespaceCluster, records: readonly SeededRecord[]): Promise<void> {
  const connections = await Promise.all(admins.map(({ url, token }) => HttpConnection.open({ url, token })));
  try {
    for (const { id } of records) {
      const answers = await Promise.all(
        connections.map((connection) => connection.request("GET", `/api/templatevars/${id}`)),
      );
      const shown = new Set(answers.map(({ body }) => body));
      if (shown.size > 1) throw new Error(`Not all servers show the same: ${[...shown].join(" and ")}`);
    }
  } finally {
    for (const connection of connections) connection[Symbol.dispose]();
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, Math.min(100, Math.max(0, end - performance.now()))));
  }
}
