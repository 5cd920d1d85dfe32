// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { Context } from "hono";
import type { Child } from "hono/jsx";
import { Permission, type Principal } from "../../accounts/mod.ts";
import { page, PageTitle } from "../parts/layout.tsx";
import type { SignedIn, Site } from "../site.ts";
import { type ClusterSummary, clusterSummary } from "../cluster_summary.ts";

interface Tile {
  readonly path: string;
  readonly label: string;
  readonly value: string;
}

/** The page `/`: what there is, and the ways to it. */
export function dashboardPage(c: Context<SignedIn>, site: Site): Response | Promise<Response> {
  const { principal } = c.var;
  const summary = visibleSummary(principal, site);
  const tiles = tilesOf(principal, site, summary);
  return page(
    c,
    site,
    principal,
    { title: "Dashboard", active: "/" },
    (
      <>
        <PageTitle title={`Hello ${principal.username}`} />
        <ul class="tiles">{tiles.map((tile) => <li>{tileOf(tile)}</li>)}</ul>
        <div class="card">
          <h2>This server</h2>
          <dl class="facts">
            <dt>Zone</dt>
            <dd>{site.zone}</dd>
            <dt>Address</dt>
            <dd>{site.config.url}</dd>
            <dt>Version</dt>
            <dd>{site.version}</dd>
            {summary === undefined ? null : (
              <>
                <dt>Cluster</dt>
                <dd>{summary.sentence}</dd>
              </>
            )}
          </dl>
        </div>
      </>
    ),
  );
}

function visibleSummary(principal: Principal, site: Site): ClusterSummary | undefined {
  const status = site.node.status();
  return status.clustered && principal.can(Permission.ViewClusterInfo) ? clusterSummary(status) : undefined;
}

function tilesOf(principal: Principal, site: Site, summary: ClusterSummary | undefined): Tile[] {
  const { node, templates } = site;
  const tiles: Tile[] = [];
  const add = (path: string, label: string, count: number) =>
    tiles.push({ path, label, value: count.toLocaleString("en") });
  if (principal.can(Permission.ManageUsers)) add("/users", "Users", node.count("user"));
  if (principal.can(Permission.ManageGroups)) add("/groups", "Groups", node.count("group"));
  add("/templates", "Templates", templates.templates.list(principal).length);
  if (principal.can(Permission.ManageVariables)) add("/variables", "Variables", node.count("template_variable"));
  if (summary !== undefined) {
    tiles.push({ path: "/cluster-info", label: "Servers alive", value: `${summary.alive} of ${summary.total}` });
  }
  return tiles;
}

function tileOf({ path, label, value }: Tile): Child {
  return (
    <a class="card tile" href={path}>
      <strong>{value}</strong>
      {label}
    </a>
  );
}
