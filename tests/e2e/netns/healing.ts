import { ChangeFeed } from "../change_feed.ts";
import { until } from "../deadline.ts";
import { HttpConnection } from "../http_connection.ts";
import type { SeededRecord } from "../seeded_records.ts";
import type { NamespaceCluster } from "./cluster.ts";
import type { LinkRule } from "./link_rule.ts";

/** Who is on which side when five servers fall apart. */
export const SIDES = [[0, 1], [2, 3, 4]] as const;
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

/** How the healing went. */
export interface Healing {
  /** From the first packet that got through until all had everything, in milliseconds; up to 50 more than it took. */
  readonly healedMs: number;
  /** From the mending until that packet, in milliseconds. */
  readonly firstPacketAfterMs: number;
}

/**
 * Lets five servers that hold `records` fall apart for `apartMs`, changes `changes` of them on each side, and mends the network.
 *
 * @throws when the servers do not all show what both sides did, or `signal` is aborted
 */
export async function timeHealing(
  cluster: NamespaceCluster,
  { records, changes, apartMs, signal }: {
    records: readonly SeededRecord[];
    changes: number;
    apartMs: number;
    signal?: AbortSignal;
  },
): Promise<Healing> {
  const sides = changesOfSides(records, changes);
  await cluster.lab.drop(between(cluster));
  const apart = performance.now();
  await pause(apartMs * CHANGE_AFTER_SHARE, signal);
  // One field on the one side, another on the other: all that both sides did must be there at the end.
  await changeAll(cluster, SIDES[0], sides[0], ({ id }) => ({ value: valueOf(id) }));
  await changeAll(cluster, SIDES[1], sides[1], () => ({ restricted: true }));
  await pause(apartMs - (performance.now() - apart), signal);
  const feeds = await Promise.all(cluster.admins.map((admin, index) => {
    const news = SIDES[0].some((server) => server === index) ? sides[1] : sides[0];
    return ChangeFeed.open(admin, news.map(({ id }) => id));
  }));
  try {
    const { mendedMs, firstPacketMs } = await mend(cluster);
    await until("All servers have all changes", ALL_EQUAL_MS_MAX, () => {
      const missing = feeds.map(({ missingCount }) => missingCount);
      if (missing.some((count) => count > 0)) throw new Error(`missing: ${missing.join(", ")}`);
      return true;
    });
    const lastMs = Math.max(...feeds.map((feed) => feed.lastMs));
    await assertBoth(cluster, sides);
    return { healedMs: lastMs - firstPacketMs, firstPacketAfterMs: firstPacketMs - mendedMs };
  } finally {
    for (const feed of feeds) feed[Symbol.dispose]();
  }
}

function valueOf(id: string): string {
  return `new value of ${id}`;
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

/** @throws {Error} naming a record that not all servers show with what both sides did */
async function assertBoth(
  { admins }: NamespaceCluster,
  sides: readonly [SeededRecord[], SeededRecord[]],
): Promise<void> {
  const [first, second] = sides.map((changed) => new Set(changed));
  for (const { url, token } of admins) {
    using connection = await HttpConnection.open({ url, token });
    for (const record of new Set(sides.flat())) {
      const { body } = await connection.request("GET", `/api/templatevars/${record.id}`);
      const { value, restricted } = JSON.parse(body);
      const isRight = (!first.has(record) || value === valueOf(record.id)) &&
        (!second.has(record) || restricted === true);
      if (!isRight) throw new Error(`${url} does not show what was changed: ${body}`);
    }
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, Math.min(100, Math.max(0, end - performance.now()))));
  }
}
