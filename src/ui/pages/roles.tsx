// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { Context } from "hono";
import { Permission, type PermissionInfo, type Role } from "../../accounts/mod.ts";
import type { FormBody, Input } from "../form_body.ts";
import { renamePath, winnerPath } from "../conflicts.ts";
import { type Column, listing, listQuery } from "../listing.ts";
import { ConflictMark, ConflictNotice } from "../parts/conflict.tsx";
import { CheckGroup, TextField } from "../parts/fields.tsx";
import { page, PageTitle } from "../parts/layout.tsx";
import { ListTable, Tags } from "../parts/table.tsx";
import type { FormView, Resource } from "../resource.ts";
import type { SignedIn, Site } from "../site.ts";

/** Pages under `/roles`. The built-in admin role is listed, and has no form. */
export function rolesResource(site: Site): Resource<Role> {
  const { roles, permissions } = site.accounts;
  return {
    path: "/roles",
    singular: "role",
    plural: "Roles",
    permission: Permission.ManageRoles,
    listPage: (c) => listPage(c, site),
    idOf: (role) => role.role_id,
    nameOf: (role) => role.name,
    find: (_, id) => {
      const role = roles.get(id);
      return role?.built_in === true ? undefined : role;
    },
    blank: () => ({ name: "", permissions: [] }),
    inputOf: ({ name, permissions }) => ({ name, permissions }),
    read: readRole,
    form: (view) => <RoleForm known={permissions.list()} view={view} />,
    notice: (role) =>
      role.in_conflict ? <ConflictNotice thing="role" winnerPath={winnerPath(site, "role", role.name)} /> : null,
    create: (principal, input, write) => roles.create(principal, input, write),
    update: (principal, id, input, options) => roles.update(principal, id, input, options),
    delete: (principal, id, write) => roles.delete(principal, id, write),
  };
}

function readRole(form: FormBody): Input {
  // In number order, as the service lists them: the same set must not look edited.
  return { name: form.line("name"), permissions: form.list("permissions").map(Number).sort((a, b) => a - b) };
}

function RoleForm({ known, view: { values, errors } }: { known: readonly PermissionInfo[]; view: FormView<Role> }) {
  const chosen = (values.permissions as readonly number[]).map(String);
  const unknown = chosen.filter((number) => !known.some((permission) => String(permission.id) === number));
  return (
    <>
      <TextField name="name" label="Name" value={String(values.name)} required maxlength={64} errors={errors} />
      <CheckGroup
        name="permissions"
        label="Permissions"
        choices={known.map((permission) => ({
          value: String(permission.id),
          label: permission.name,
          hint: permission.description,
        }))}
        chosen={chosen}
        errors={errors}
      />
      {unknown.map((number) => <input type="hidden" name="permissions" value={number} />)}
      {unknown.length === 0 ? null : (
        <p class="hint">
          {`Also carries permissions that this server has no use for, and keeps them: ${unknown.join(", ")}.`}
        </p>
      )}
    </>
  );
}

function listPage(c: Context<SignedIn>, site: Site): Response | Promise<Response> {
  const names = new Map(site.accounts.permissions.list().map((permission) => [permission.id, permission.name]));
  const holders = new Map<string, number>();
  for (const user of site.accounts.users.list()) {
    for (const id of user.roles) holders.set(id, (holders.get(id) ?? 0) + 1);
  }
  const permissionsOf = (role: Role) => role.permissions.map((number) => names.get(number) ?? `Permission ${number}`);
  const columns: Column<Role>[] = [
    {
      key: "name",
      label: "Name",
      value: (role) => `${role.name}${role.in_conflict ? " in conflict" : ""}`,
      cell: (role) => (
        <>
          {role.built_in ? role.name : <a href={`/roles/${role.role_id}/edit`}>{role.name}</a>}
          <ConflictMark inConflict={role.in_conflict} renamePath={renamePath(`/roles/${role.role_id}`)} />
        </>
      ),
    },
    { key: "users", label: "Users", numeric: true, value: (role) => holders.get(role.role_id) ?? 0 },
    {
      key: "permissions",
      label: "Permissions",
      value: (role) => role.built_in ? "everything" : permissionsOf(role).join(", "),
      cell: (role) => role.built_in ? "Everything; built in" : <Tags words={permissionsOf(role)} />,
    },
  ];
  const shown = listing(site.accounts.roles.list(), columns, listQuery(new URL(c.req.url), columns));
  return page(
    c,
    site,
    c.var.principal,
    { title: "Roles", active: "/roles", scripts: ["filter.js"] },
    (
      <>
        <PageTitle title="Roles">
          <a class="button primary" href="/roles/create">New role</a>
        </PageTitle>
        <ListTable path="/roles" label="Roles" columns={columns} listing={shown} empty={<h2>No roles yet</h2>} />
      </>
    ),
  );
}
