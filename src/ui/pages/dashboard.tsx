// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { Context } from "hono";
import type { Child } from "hono/jsx";
import { Permission } from "../../accounts/mod.ts";
import { page, PageTitle } from "../parts/layout.tsx";
import type { SignedIn, Site } from "../site.ts";
import { clusterSummary } from "../cluster_summary.ts";

interface Tile {
  readonly path: string;
  readonly label: string;
  readonly value: string;
  readonly note?: string;
}

/** The page `/`: what there is, and the ways to it. */
export function dashboardPage(c: Context<SignedIn>, site: Site): Response | Promise<Response> {
  const { principal } = c.var;
  const tiles = tilesOf(c, site);
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
          </dl>
        </div>
      </>
    ),
  );
}

function tilesOf(c: Context<SignedIn>, site: Site): Tile[] {
  const { principal } = c.var;
  const status = site.node.status();
  const tiles: Tile[] = [];
  if (principal.can(Permission.ManageUsers)) {
    tiles.push({ path: "/users", label: "Users", value: counted(site, "user") });
  }
  if (principal.can(Permission.ManageGroups)) {
    tiles.push({ path: "/groups", label: "Groups", value: counted(site, "group") });
  }
  const templates = site.templates.templates.list(principal).length;
  tiles.push({ path: "/templates", label: "Templates", value: templates.toLocaleString("en") });
  if (principal.can(Permission.ManageVariables)) {
    const variables = site.templates.variables.list(principal).length;
    tiles.push({ path: "/variables", label: "Variables", value: variables.toLocaleString("en") });
  }
  if (status.clustered && principal.can(Permission.ViewClusterInfo)) {
    const summary = clusterSummary(status);
    tiles.push({
      path: "/cluster-info",
      label: "Servers alive",
      value: `${summary.alive} of ${summary.total}`,
      note: summary.sentence,
    });
  }
  return tiles;
}

function counted(site: Site, kind: "user" | "group"): string {
  const count = kind === "user" ? site.accounts.users.list().length : site.accounts.groups.list().length;
  return count.toLocaleString("en");
}

function tileOf({ path, label, value, note }: Tile): Child {
  return (
    <a class="card tile" href={path}>
      <strong>{value}</strong>
      {label}
      {note === undefined ? null : <span class="small quiet block">{note}</span>}
    </a>
  );
}
