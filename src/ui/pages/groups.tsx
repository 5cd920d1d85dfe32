import type { Context } from "hono";
import { type Group, Permission } from "../../accounts/mod.ts";
import type { FormBody, Input } from "../form_body.ts";
import { renamePath, winnerPath } from "../conflicts.ts";
import { type Column, listing, listQuery } from "../listing.ts";
import { ConflictMark, ConflictNotice } from "../parts/conflict.tsx";
import { Section, TextField } from "../parts/fields.tsx";
import { page, PageTitle } from "../parts/layout.tsx";
import { ListTable } from "../parts/table.tsx";
import type { FormView, Resource } from "../resource.ts";
import type { SignedIn, Site } from "../site.ts";
import { LIMIT_LABELS, Limits } from "./user_form.tsx";

/** Pages under `/groups`. */
export function groupsResource(site: Site): Resource<Group> {
  const { groups } = site.accounts;
  return {
    path: "/groups",
    singular: "group",
    plural: "Groups",
    permission: Permission.ManageGroups,
    labels: LIMIT_LABELS,
    listPage: (c) => listPage(c, site),
    idOf: (group) => group.group_id,
    nameOf: (group) => group.name,
    find: (_, id) => groups.get(id),
    blank: () => ({ name: "", max_spaces: 0, compute_units: 0, storage_units: 0, max_tunnels: 0 }),
    inputOf: ({ name, max_spaces, compute_units, storage_units, max_tunnels }) => ({
      name,
      max_spaces,
      compute_units,
      storage_units,
      max_tunnels,
    }),
    read: readGroup,
    form: (view) => <GroupForm view={view} />,
    notice: (group) =>
      group.in_conflict ? <ConflictNotice thing="group" winnerPath={winnerPath(site, "group", group.name)} /> : null,
    create: (principal, input, write) => groups.create(principal, input, write),
    update: (principal, id, input, options) => groups.update(principal, id, input, options),
    delete: (principal, id, write) => groups.delete(principal, id, write),
  };
}

function readGroup(form: FormBody): Input {
  return {
    name: form.line("name"),
    max_spaces: form.number("max_spaces"),
    compute_units: form.number("compute_units"),
    storage_units: form.number("storage_units"),
    max_tunnels: form.number("max_tunnels"),
  };
}

function GroupForm({ view: { values, errors } }: { view: FormView<Group> }) {
  return (
    <>
      <TextField name="name" label="Name" value={String(values.name)} required maxlength={64} errors={errors} />
      <Section title="Limits">
        <p class="hint">
          For the tools that make spaces: this server keeps the limits and runs no spaces. 0 adds nothing. They are
          added to the limits of the group's members.
        </p>
        <Limits values={values} errors={errors} />
      </Section>
    </>
  );
}

function limit(value: number): string {
  return value === 0 ? "–" : value.toLocaleString("en");
}

function listPage(c: Context<SignedIn>, site: Site): Response | Promise<Response> {
  const members = new Map<string, number>();
  for (const user of site.accounts.users.list()) {
    for (const id of user.groups) members.set(id, (members.get(id) ?? 0) + 1);
  }
  const columns: Column<Group>[] = [
    {
      key: "name",
      label: "Name",
      value: (group) => `${group.name}${group.in_conflict ? " in conflict" : ""}`,
      cell: (group) => (
        <>
          <a href={`/groups/${group.group_id}/edit`}>{group.name}</a>
          <ConflictMark inConflict={group.in_conflict} renamePath={renamePath(`/groups/${group.group_id}`)} />
        </>
      ),
    },
    { key: "members", label: "Members", numeric: true, value: (group) => members.get(group.group_id) ?? 0 },
    {
      key: "spaces",
      label: "Spaces",
      numeric: true,
      value: (group) => group.max_spaces,
      cell: (group) => limit(group.max_spaces),
    },
    {
      key: "compute",
      label: "Compute units",
      numeric: true,
      value: (group) => group.compute_units,
      cell: (group) => limit(group.compute_units),
    },
    {
      key: "storage",
      label: "Storage units",
      numeric: true,
      value: (group) => group.storage_units,
      cell: (group) => limit(group.storage_units),
    },
  ];
  const shown = listing(site.accounts.groups.list(), columns, listQuery(new URL(c.req.url), columns));
  return page(
    c,
    site,
    c.var.principal,
    { title: "Groups", active: "/groups", scripts: ["filter.js"] },
    (
      <>
        <PageTitle title="Groups">
          <a class="button primary" href="/groups/create">New group</a>
        </PageTitle>
        <ListTable
          path="/groups"
          label="Groups"
          columns={columns}
          listing={shown}
          empty={
            <>
              <h2>No groups yet</h2>
              <p>Groups give templates to some users and not to others.</p>
            </>
          }
        />
      </>
    ),
  );
}
