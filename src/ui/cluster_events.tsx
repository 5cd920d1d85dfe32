import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { Permission } from "../accounts/mod.ts";
import type { MemberStatus, NodeStatus } from "../node/mod.ts";
import { ClusterSummaryFacts, sorted } from "./pages/cluster_info.tsx";
import { ClusterPicture } from "./parts/cluster_picture.tsx";
import { rowId, ServerRow } from "./parts/cluster_table.tsx";
import type { SignedIn, Site } from "./site.ts";
import { principalOf } from "./visitor.ts";

/** Open Cluster Info pages, all visitors together: each costs a render a second, and a room of screens is 20. */
const EVENT_STREAMS_MAX = 100;

/** People read changes, they do not count them; `onStatus` alone would report 4 a second. */
const PUSH_INTERVAL_MS = 1_000;

/**
 * A quiet cluster is looked at so often: last contacts and round trips move without a word. It is also how soon a visitor who lost
 * the permission is shown out, and it keeps proxies, which give up on silence, from closing the stream.
 */
const REFRESH_INTERVAL_MS = 2_000;

/** Pages are closed by people: a full house is not soon empty. */
const RETRY_AFTER_S = 15;

/** A page whose stream broke waits this long before it connects again. */
const RECONNECT_AFTER_MS = 2_000;

/** What changed since the last event; absent parts did not. HTML is rendered by the page's own components. */
interface ClusterUpdate {
  /** The server's clock, milliseconds since the Unix epoch. */
  readonly wallMs: number;
  /** Ids of all rows, in order. */
  readonly order: readonly string[];
  /** HTML of changed rows by id. */
  readonly rows: Readonly<Record<string, string>>;
  readonly picture?: string;
  readonly summary?: string;
}

/** The event streams of all open Cluster Info pages. */
export interface ClusterEvents {
  /** Answers `GET /cluster-info/events`. */
  open(c: Context<SignedIn>): Response | Promise<Response>;
  /** Ends all streams: a server that stops would wait for them for ever. */
  close(): void;
}

/** Builds the streams' registry. */
export function clusterEvents(site: Site): ClusterEvents {
  const streams = new Set<SSEStreamingApi>();
  let closed = false;
  return {
    open(c) {
      if (closed || streams.size >= EVENT_STREAMS_MAX) {
        c.header("Retry-After", String(RETRY_AFTER_S));
        return c.text("Too many open Cluster Info pages: close some, or reload this one to see the present state", 503);
      }
      return streamSSE(c, async (stream) => {
        streams.add(stream);
        stream.onAbort(() => void streams.delete(stream));
        try {
          await push(c, site, stream);
        } finally {
          streams.delete(stream);
        }
      });
    },
    close() {
      closed = true;
      for (const stream of streams) stream.abort();
      streams.clear();
    },
  };
}

/** Sends updates until the page is closed or its visitor loses the permission. */
async function push(c: Context<SignedIn>, site: Site, stream: SSEStreamingApi): Promise<void> {
  const signal = changeSignal(site);
  stream.onAbort(signal.stop);
  try {
    let shown: Shown = { rows: new Map() };
    await stream.write(`retry: ${RECONNECT_AFTER_MS}\n\n`);
    while (!stream.aborted && !stream.closed && principalOf(c, site)?.can(Permission.ViewClusterInfo) === true) {
      const status = site.node.status();
      const next = look(status);
      const update = difference(shown, next, status, site.clock.wallMs());
      await stream.writeSSE({ event: "cluster", data: JSON.stringify(update) });
      shown = next;
      await signal.next();
    }
    // Without this the browser would connect again at once, and for ever, to be refused each time.
    if (!stream.aborted) await stream.writeSSE({ event: "end", data: "" });
  } finally {
    signal.stop();
  }
}

/** What a page shows. Rows are compared by what they tell, not by their HTML: "3 sec. ago" grows old in the browser by itself. */
interface Shown {
  readonly rows: ReadonlyMap<string, string>;
  readonly picture?: string;
  readonly summary?: string;
}

function look({ members, recordCount, ...status }: NodeStatus): Shown {
  return {
    rows: new Map(
      members.map((member) => [rowId(member), JSON.stringify(member.self ? [member, recordCount] : member)]),
    ),
    picture: String(<ClusterPicture members={members} />),
    summary: String(<ClusterSummaryFacts status={{ ...status, members, recordCount }} />),
  };
}

function difference(shown: Shown, next: Shown, status: NodeStatus, wallMs: number): ClusterUpdate {
  const { recordCount } = status;
  const members = sorted(status);
  const changed = members.filter((member) => shown.rows.get(rowId(member)) !== next.rows.get(rowId(member)));
  const html = (member: MemberStatus) => String(<ServerRow member={member} recordCount={recordCount} nowMs={wallMs} />);
  return {
    wallMs,
    order: members.map(rowId),
    rows: Object.fromEntries(changed.map((member) => [rowId(member), html(member)])),
    ...(shown.picture === next.picture ? {} : { picture: next.picture }),
    ...(shown.summary === next.summary ? {} : { summary: next.summary }),
  };
}

/** Wakes its one waiter when the status changed, `PUSH_INTERVAL_MS` after the last time at the earliest, or for the next regular look. */
function changeSignal(site: Site): { next(): Promise<void>; stop(): void } {
  let stopped = false;
  let changed = false;
  let wake = () => {};
  const unsubscribe = site.node.onStatus(() => {
    changed = true;
    wake();
  });
  const pause = (delayMs: number, endsEarly: () => boolean) =>
    new Promise<void>((resolve) => {
      if (stopped || endsEarly()) return resolve();
      const finish = () => {
        cancel();
        wake = () => {};
        resolve();
      };
      const cancel = site.clock.after(delayMs, finish);
      wake = () => (stopped || endsEarly()) && finish();
    });
  return {
    async next() {
      await pause(PUSH_INTERVAL_MS, () => false);
      await pause(REFRESH_INTERVAL_MS - PUSH_INTERVAL_MS, () => changed);
      changed = false;
    },
    stop() {
      if (stopped) return;
      stopped = true;
      unsubscribe();
      wake();
    },
  };
}
