import type { Context } from "hono";
import { Permission, type User } from "../../accounts/mod.ts";
import { type Column, listing, listQuery } from "../listing.ts";
import { ConflictMark, ConflictNotice } from "../parts/conflict.tsx";
import { page, PageTitle } from "../parts/layout.tsx";
import { Moment } from "../parts/moment.tsx";
import { State } from "../parts/state.tsx";
import { ListTable, Tags } from "../parts/table.tsx";
import type { Resource } from "../resource.ts";
import type { SignedIn, Site } from "../site.ts";
import { blankUser, readUser, USER_LABELS, UserForm, userInput } from "./user_form.tsx";

/** Pages under `/users`. */
export function usersResource(site: Site): Resource<User> {
  const { users } = site.accounts;
  return {
    path: "/users",
    singular: "user",
    plural: "Users",
    permission: Permission.ManageUsers,
    labels: USER_LABELS,
    listPage: (c) => listPage(c, site),
    idOf: (user) => user.user_id,
    nameOf: (user) => user.username,
    find: (_, id) => users.get(id),
    blank: blankUser,
    inputOf: userInput,
    read: readUser,
    form: (view) => <UserForm site={site} view={view} />,
    notice: (user) => <UserNotice site={site} user={user} />,
    extras: (user) => user.has_totp ? <ResetTotp user={user} /> : null,
    keepReason: (user, principal) =>
      user.user_id === principal.userId ? "You cannot delete yourself. Another administrator can." : undefined,
    create: (principal, input, write) => users.create(principal, input, write),
    update(principal, id, { password, ...input }, options) {
      // One's own is changed on the account page, which asks for the present one.
      const offered = id === principal.userId || password === undefined ? input : { ...input, password };
      return users.update(principal, id, offered, options);
    },
    delete: (principal, id, write) => users.delete(principal, id, write),
  };
}

function columnsOf(site: Site): Column<User>[] {
  const roleNames = new Map(site.accounts.roles.list().map((role) => [role.role_id, role.name]));
  const groupNames = new Map(site.accounts.groups.list().map((group) => [group.group_id, group.name]));
  const rolesOf = (user: User) => user.roles.map((id) => roleNames.get(id) ?? "deleted role");
  const groupsOf = (user: User) => user.groups.map((id) => groupNames.get(id) ?? "deleted group");
  const nowMs = site.clock.wallMs();
  return [
    {
      key: "username",
      label: "Username",
      value: (user) => `${user.username}${user.in_conflict ? " in conflict" : ""}`,
      cell: (user) => (
        <>
          <a href={`/users/${user.user_id}/edit`}>{user.username}</a>
          <ConflictMark
            inConflict={user.in_conflict}
            renamePath={`/users/${user.user_id}/edit#${lostNames(site, user)[0]}`}
          />
        </>
      ),
    },
    { key: "email", label: "Email", value: (user) => user.email, breakable: true },
    {
      key: "state",
      label: "State",
      value: stateOf,
      cell: (user) => <State kind={user.active ? "good" : "off"} label={stateOf(user)} />,
    },
    {
      key: "roles",
      label: "Roles",
      value: (user) => rolesOf(user).join(" "),
      cell: (user) => <Tags words={rolesOf(user)} />,
    },
    {
      key: "groups",
      label: "Groups",
      value: (user) => groupsOf(user).join(" "),
      cell: (user) => <Tags words={groupsOf(user)} />,
    },
    {
      key: "last_login",
      label: "Last sign-in",
      value: (user) => user.last_login_at ?? "",
      cell: (user) => (
        <Moment
          atMs={user.last_login_at === null ? undefined : Date.parse(user.last_login_at)}
          nowMs={nowMs}
          never="never"
        />
      ),
    },
  ];
}

function stateOf(user: User): string {
  return user.active ? "Active" : "Inactive";
}

function listPage(c: Context<SignedIn>, site: Site): Response | Promise<Response> {
  const columns = columnsOf(site);
  const shown = listing(site.accounts.users.list(), columns, listQuery(new URL(c.req.url), columns));
  const create = <a class="button primary" href="/users/create">New user</a>;
  return page(
    c,
    site,
    c.var.principal,
    { title: "Users", active: "/users", scripts: ["filter.js", "moments.js"] },
    (
      <>
        <PageTitle title="Users">{create}</PageTitle>
        <ListTable path="/users" label="Users" columns={columns} listing={shown} empty={<h2>No users yet</h2>} />
      </>
    ),
  );
}

/** The fields of a user in conflict that another user owns. */
function lostNames({ node }: Site, user: User): Array<"username" | "email"> {
  const fields = ["username", "email"] as const;
  return fields.filter((field) => node.findByName("user", field, user[field])?.id !== user.user_id);
}

function UserNotice({ site, user }: { site: Site; user: User }) {
  const lost = user.in_conflict ? lostNames(site, user) : [];
  if (lost.length === 0) return null;
  const winner = site.node.findByName("user", lost[0], user[lost[0]]);
  return (
    <ConflictNotice thing="user" lost={lost} winnerPath={winner && `/users/${winner.id}/edit`}>
      {lost.includes("email")
        ? "Nobody can sign in as this user meanwhile."
        : "Its username may be changed, this once."}
    </ConflictNotice>
  );
}

function ResetTotp({ user }: { user: User }) {
  return (
    <form method="post" class="card" action={`/users/${user.user_id}/reset-totp`}>
      <h2>One-time codes</h2>
      <p>If this user has lost their authenticator, take its secret away: the next sign-in shows them a new one.</p>
      <button class="button" type="submit">Reset one-time codes</button>
    </form>
  );
}
