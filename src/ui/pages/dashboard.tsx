// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { Context } from "hono";
import type { Child, FC } from "hono/jsx";
import { Permission, type PermissionNumber, type Principal } from "../../accounts/mod.ts";
import { renamePath } from "../conflicts.ts";
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

/** Records of one kind that lost their names. */
interface Conflict {
  readonly path: string;
  readonly plural: string;
  readonly records: ReadonlyArray<{ readonly name: string; readonly renamePath: string }>;
}

/** Of each kind; the list has the others. */
const CONFLICTS_SHOWN_MAX = 10;

/** What lost its name in a partition, of what this visitor may mend. */
function conflictsOf(principal: Principal, { accounts, templates }: Site): Conflict[] {
  type Named = { readonly in_conflict: boolean; readonly id: string; readonly name: string };
  const users = () => accounts.users.list().map((user) => ({ ...user, id: user.user_id, name: user.username }));
  const kinds: Array<[PermissionNumber, string, string, () => readonly Named[]]> = [
    [Permission.ManageUsers, "/users", "Users", users],
    [Permission.ManageGroups, "/groups", "Groups", () => withIds(accounts.groups.list(), "group_id")],
    [Permission.ManageRoles, "/roles", "Roles", () => withIds(accounts.roles.list(), "role_id")],
    [
      Permission.ManageTemplates,
      "/templates",
      "Templates",
      () => withIds(templates.templates.list(principal), "template_id"),
    ],
    [
      Permission.ManageVariables,
      "/variables",
      "Variables",
      () => withIds(templates.variables.list(principal), "templatevar_id"),
    ],
  ];
  return kinds.filter(([permission]) => principal.can(permission)).flatMap(([, path, plural, list]) => {
    const records = list().filter((record) => record.in_conflict)
      .map(({ id, name }) => ({
        name,
        renamePath: path === "/users" ? `/users/${id}/edit` : renamePath(`${path}/${id}`),
      }));
    return records.length === 0 ? [] : [{ path, plural, records }];
  });
}

const Conflicts: FC<{ conflicts: readonly Conflict[] }> = ({ conflicts }) =>
  conflicts.length === 0 ? null : (
    <div class="notice warn" role="note">
      <p>While servers could not reach each other, some names were given twice. Rename or delete the later ones:</p>
      <ul>
        {conflicts.map(({ path, plural, records }) => (
          <li>
            {`${plural}: `}
            {records.slice(0, CONFLICTS_SHOWN_MAX).map(({ name, renamePath }, index) => (
              <>
                {index === 0 ? "" : ", "}
                <a href={renamePath}>{name}</a>
              </>
            ))}
            {records.length <= CONFLICTS_SHOWN_MAX ? null : (
              <>
                {" and "}
                <a href={path}>{`${records.length - CONFLICTS_SHOWN_MAX} more`}</a>
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );

function withIds<Name extends string, T extends Readonly<Record<Name, string>>>(records: readonly T[], name: Name) {
  return records.map((record) => ({ ...record, id: record[name] as string }));
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
