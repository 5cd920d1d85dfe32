/**
 * A small stand-in for the accounts and the node, for this room's tests: it keeps users in memory and follows the contracts
 * in what the operator can see of them. What is not needed here throws when it is called.
 */
import type { Accounts, Role, SetupOutcome, User } from "../accounts/mod.ts";
import type { Node, NodeStatus, Readiness } from "../node/mod.ts";
import { ADMIN_ROLE_ID } from "../records/mod.ts";

/** Of a user, what the operator's commands touch. */
export interface FakeUser extends Pick<User, "user_id" | "username" | "email" | "roles"> {
  password: string;
  active: boolean;
  in_conflict: boolean;
}

/** What tests look at and change. */
export interface FakeServer {
  readonly node: Node;
  readonly accounts: Accounts;
  readonly users: FakeUser[];
  /** The token that setup accepts. */
  token: string;
  readiness: Readiness;
}

/** The one role beside the built-in one. */
export const EDITOR_ROLE_ID = "01990000-0000-7000-8000-00000000000e";

/** A server without users: set up already, or waiting for setup. */
export function fakeServer({ lineage }: { lineage: string | undefined }): FakeServer {
  const server: FakeServer = {
    users: [],
    token: "right token",
    readiness: lineage ? { kind: "ready" } : { kind: "setup_needed", tried: [] },
    node: { status: (): NodeStatus => statusOf(server) } as Partial<Node> as Node,
    accounts: undefined as unknown as Accounts,
  };
  return Object.assign(server, { accounts: accountsOf(server) });
}

function statusOf({ readiness, users }: FakeServer): NodeStatus {
  return {
    nodeId: "01990000-0000-7000-8000-000000000001",
    bootId: "00000000000000ab",
    clustered: false,
    lineage: readiness.kind === "ready" ? "lineage" : undefined,
    readiness,
    members: [],
    recordCount: users.length,
  };
}

function accountsOf(server: FakeServer): Accounts {
  const roles = [{ role_id: ADMIN_ROLE_ID, name: "Admin", built_in: true }, {
    role_id: EDITOR_ROLE_ID,
    name: "editor",
    built_in: false,
  }] as Role[];
  const find = (name: string) =>
    server.users.find((user) => [user.user_id, user.username, user.email].includes(name.toLowerCase()));
  function add(input: { username: string; email: string; password: string; roles: string[] }): string {
    const user_id = `user-${server.users.length + 1}`;
    server.users.push({ ...input, user_id, active: true, in_conflict: false });
    return user_id;
  }
  const accounts = {
    users: {
      list: () => server.users.filter(({ active }) => active),
      get: find,
      create(_principal: unknown, input: Parameters<typeof add>[0]) {
        const unknown = input.roles.find((id) => !roles.some(({ role_id }) => role_id === id));
        if (unknown) {
          return Promise.resolve({ kind: "invalid", fields: { roles: `has the unknown role "${unknown}"` } });
        }
        if (find(input.username)) return Promise.resolve({ kind: "name_taken", fields: { username: "is taken" } });
        return Promise.resolve({ kind: "created", id: add(input), copies: 1, members: 1 });
      },
      update(_principal: unknown, id: string, { password }: { password: string }) {
        if (password.length < 8) return Promise.resolve({ kind: "invalid", fields: { password: "is too short" } });
        find(id)!.password = password;
        return Promise.resolve({ kind: "updated", copies: 1, members: 1 });
      },
    },
    roles: { list: () => roles, get: (name: string) => roles.find((role) => [role.role_id, role.name].includes(name)) },
    setup: {
      get needed() {
        return server.readiness.kind === "setup_needed";
      },
      checkToken: (token: string) => token === server.token,
      setUp({ token, ...input }: Parameters<Accounts["setup"]["setUp"]>[0]): Promise<SetupOutcome> {
        if (server.readiness.kind === "joining") return Promise.resolve({ kind: "joining" });
        if (server.readiness.kind === "ready") return Promise.resolve({ kind: "already_set_up" });
        if (token !== server.token) return Promise.resolve({ kind: "wrong_token" });
        server.readiness = { kind: "ready" };
        return Promise.resolve({ kind: "set_up", userId: add({ ...input, roles: [ADMIN_ROLE_ID] }) });
      },
    },
  };
  return accounts as unknown as Accounts;
}
