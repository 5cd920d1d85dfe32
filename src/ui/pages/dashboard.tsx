// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { Context } from "hono";
import type { Child, FC } from "hono/jsx";
import { Permission, type PermissionNumber, type Principal } from "../../accounts/mod.ts";
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
        <Conflicts conflicts={conflictsOf(principal, site)} />
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

interface Conflict {
  readonly path: string;
  readonly text: string;
}

/** What lost its name in a partition, of what this visitor may mend. */
function conflictsOf(principal: Principal, { accounts, templates }: Site): Conflict[] {
  const kinds: Array<[PermissionNumber, string, string, () => ReadonlyArray<{ readonly in_conflict: boolean }>]> = [
    [Permission.ManageUsers, "/users", "users", () => accounts.users.list()],
    [Permission.ManageGroups, "/groups", "groups", () => accounts.groups.list()],
    [Permission.ManageRoles, "/roles", "roles", () => accounts.roles.list()],
    [Permission.ManageTemplates, "/templates", "templates", () => templates.templates.list(principal)],
    [Permission.ManageVariables, "/variables", "variables", () => templates.variables.list(principal)],
  ];
  return kinds.filter(([permission]) => principal.can(permission)).flatMap(([, path, plural, list]) => {
    const count = list().filter((record) => record.in_conflict).length;
    return count === 0 ? [] : [{ path, text: `${plural}: ${count}` }];
  });
}

const Conflicts: FC<{ conflicts: readonly Conflict[] }> = ({ conflicts }) =>
  conflicts.length === 0 ? null : (
    <div class="notice warn" role="note">
      <p>While servers could not reach each other, some names were given twice. Rename or delete the later ones:</p>
      <ul>
        {conflicts.map(({ path, text }) => (
          <li>
            <a href={path}>{text}</a>
          </li>
        ))}
      </ul>
    </div>
  );

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
