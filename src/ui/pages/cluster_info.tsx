import type { Context } from "hono";
import type { FC } from "hono/jsx";
import type { NodeStatus } from "../../node/mod.ts";
import { clusterSummary } from "../cluster_summary.ts";
import { ClusterPicture } from "../parts/cluster_picture.tsx";
import { ClusterTable } from "../parts/cluster_table.tsx";
import { page, PageTitle } from "../parts/layout.tsx";
import type { SignedIn, Site } from "../site.ts";

/** The page `/cluster-info`: all servers, in a table and as a picture, kept up to date by `/cluster-info/events`. */
export function clusterInfoPage(c: Context<SignedIn>, site: Site): Response | Promise<Response> {
  const status = site.node.status();
  const head = { title: "Cluster Info", active: "/cluster-info", scripts: ["moments.js", "cluster.js"] };
  return page(
    c,
    site,
    c.var.principal,
    head,
    (
      <>
        <PageTitle title="Cluster Info">
          <span class="live" id="live">
            <noscript>
              <a href="/cluster-info">Reload for the present state</a>
            </noscript>
          </span>
        </PageTitle>
        <p class="visually-hidden" id="announce" role="status"></p>
        <div class="cluster" data-events="/cluster-info/events">
          <div class="cluster-overview">
            <section class="card" aria-label="Picture">
              <div id="picture">
                <ClusterPicture members={status.members} />
              </div>
            </section>
            <section class="card" aria-label="Summary">
              <div id="summary">
                <ClusterSummaryFacts status={status} />
              </div>
              <Legend />
              <p>
                <a href="/cluster-info/opinions">Who sees whom: ask all servers</a>
              </p>
            </section>
          </div>
          <ClusterTable members={sorted(status)} recordCount={status.recordCount} nowMs={site.clock.wallMs()} />
        </div>
      </>
    ),
  );
}

/** The numbers beside the picture. */
export const ClusterSummaryFacts: FC<{ status: NodeStatus }> = ({ status }) => {
  const summary = clusterSummary(status);
  return (
    <>
      <p>{summary.sentence}</p>
      <dl class="facts">
        <dt>Servers alive</dt>
        <dd>{`${summary.alive} of ${summary.total}`}</dd>
        <dt>Zones</dt>
        <dd>{String(summary.zones)}</dd>
        <dt>In sync</dt>
        <dd>{`${summary.inSync} of ${summary.alive}`}</dd>
        <dt>Records here</dt>
        <dd>{status.recordCount.toLocaleString("en")}</dd>
        {status.quarantinedCount > 0 && (
          <>
            <dt>Wait for their time</dt>
            <dd>
              {`${
                status.quarantinedCount.toLocaleString("en")
              } records: written by a clock that is ahead, check the clocks`}
            </dd>
          </>
        )}
        <dt>Data set</dt>
        <dd>{status.lineage ?? "none yet"}</dd>
      </dl>
    </>
  );
};

/** Members by zone, then by address: an order that does not jump while states change. */
export function sorted(status: NodeStatus): NodeStatus["members"] {
  return status.members.toSorted((a, b) =>
    (a.facts?.zone ?? "~").localeCompare(b.facts?.zone ?? "~") ||
    (a.facts?.address ?? "~").localeCompare(b.facts?.address ?? "~", "en", { numeric: true }) ||
    a.id.localeCompare(b.id)
  );
}

const Legend: FC = () => (
  <ul class="legend" aria-label="Legend">
    <li>
      <span class="state good">alive, in sync</span>
    </li>
    <li>
      <span class="state warn">suspect or catching up</span>
    </li>
    <li>
      <span class="state bad">dead</span>
    </li>
    <li>
      <span class="state off">leaving</span>
    </li>
  </ul>
);
