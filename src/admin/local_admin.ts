import { join } from "node:path";
import {
  type Accounts,
  type CreateOutcome,
  OPERATOR,
  type SetupOutcome,
  type SetupService,
  type UpdateOutcome,
} from "../accounts/mod.ts";
import { type Clock, systemClock } from "../base/mod.ts";
import { type DatabaseCheck, type ForgetOutcome, type FoundLostEdit, isGone, type Node } from "../node/mod.ts";
import { ADMIN_ROLE_ID } from "../records/mod.ts";
import type {
  Admin,
  CheckOutcome,
  CreateUserOutcome,
  Failed,
  ForgetMemberOutcome,
  LeaveClusterOutcome,
  LostEditsOutcome,
  NewUser,
  ResetTotpOutcome,
  SetPasswordOutcome,
} from "./admin.ts";

/** What {@link localAdmin} acts on. */
export interface LocalAdminParts {
  readonly node: Node;
  readonly accounts: Accounts;
  /** Where the accounts leave the one-time setup token. */
  readonly dataDir: string;
  readonly clock?: Clock;
  /** Reads the whole database. @throws {Error} if it cannot be read */
  readonly check: () => Promise<DatabaseCheck>;
  /** Absent where no cluster runs: offline, and without cluster mode. */
  readonly cluster?: ClusterControls;
}

/** What the operator may do to a running cluster. */
export interface ClusterControls {
  forget(nodeId: string): ForgetOutcome;
  /** @throws {Error} if they cannot be read */
  lostEdits(): AsyncIterable<FoundLostEdit>;
  /** Begins to leave for good and to stop; returns at once. */
  leave(): void;
}

const NO_CLUSTER: Failed = {
  kind: "failed",
  reason: "This server is not in cluster mode: server.cluster.advertise_addr is not set",
};

/** The one-time token of a server without data; who can read the data folder may set it up. */
const SETUP_TOKEN_FILE = "setup-token";

/** The file is written at the start of the server, beside other work: two seconds are plenty. */
const TOKEN_TRIES_MAX = 100;
const TOKEN_RETRY_MS = 20;

/** Shorter ends of an id are too easily another's. */
const ID_END_UNITS_MIN = 6;

/** How the operator appears to the accounts' limits and logs. */
const OPERATOR_CALLER = { ip: "", userAgent: "knot admin" };

/** Administration of the server in this process. */
export function localAdmin({ node, accounts, dataDir, clock = systemClock, check, cluster }: LocalAdminParts): Admin {
  const { users, roles, setup } = accounts;
  const note = (event: string, details: string, properties: Record<string, string>) =>
    accounts.audit.record({
      actor: OPERATOR.username,
      actorType: "System",
      event,
      details,
      properties: { ...properties, via: "console" },
    });
  function hasAdmin(): boolean {
    return users.list({ state: "active" }).some((user) => !user.in_conflict && user.roles.includes(ADMIN_ROLE_ID));
  }
  /** Ids for names. What is neither stays, for the accounts to refuse by name. */
  function roleIds(user: NewUser): string[] {
    return [...new Set(user.roles.map((name) => roles.get(name)?.role_id ?? name))];
  }
  async function createUser(user: NewUser): Promise<CreateUserOutcome> {
    if (node.status().readiness.kind !== "ready") {
      const outcome = await setUp(user);
      if (outcome !== "already_set_up") return outcome;
    }
    const ids = roleIds(user);
    if (!hasAdmin() && !ids.includes(ADMIN_ROLE_ID)) ids.push(ADMIN_ROLE_ID);
    const outcome = await users.create(OPERATOR, { ...user, roles: ids });
    return createdOutcome(outcome, { admin: ids.includes(ADMIN_ROLE_ID) });
  }
  async function setUp(user: NewUser): Promise<CreateUserOutcome | "already_set_up"> {
    const unknown = roleIds(user).filter((id) => id !== ADMIN_ROLE_ID);
    if (unknown.length > 0) return { kind: "invalid", fields: { roles: `has the unknown role "${unknown[0]}"` } };
    const { username, email, password } = user;
    const token = await readSetupToken({ setup, dataDir, clock });
    return setUpOutcome(await setup.setUp({ token, username, email, password }, OPERATOR_CALLER), dataDir);
  }
  return {
    createUser,
    async setPassword({ user, password }): Promise<SetPasswordOutcome> {
      const found = users.get(user);
      if (!found) return { kind: "not_found" };
      // For the accounts an empty password is one that stays as it is.
      if (password === "") return { kind: "invalid", fields: { password: "must not be empty" } };
      return updatedOutcome(await users.update(OPERATOR, found.user_id, { password }), found.username);
    },
    async resetTotp(user): Promise<ResetTotpOutcome> {
      const found = users.get(user);
      if (!found) return { kind: "not_found" };
      const outcome = updatedOutcome(await users.resetTotp(OPERATOR, found.user_id), found.username);
      return outcome.kind === "invalid" ? failed("The user cannot be changed") : outcome;
    },
    members: () => Promise.resolve(node.status()),
    opinions: () => node.opinions(),
    forgetMember(name) {
      if (cluster === undefined) return Promise.resolve(NO_CLUSTER);
      const outcome = forgetMember(node, cluster, name);
      if (outcome.kind === "forgotten") {
        const { nodeId, address } = outcome;
        note("Cluster Forget", `forgot the server ${nodeId}`, { node_id: nodeId, address });
      }
      return Promise.resolve(outcome);
    },
    async lostEdits(): Promise<LostEditsOutcome> {
      if (cluster === undefined) return NO_CLUSTER;
      try {
        return { kind: "listed", edits: await Array.fromAsync(cluster.lostEdits()) };
      } catch (error) {
        return failed(error instanceof Error ? error.message : String(error));
      }
    },
    async leaveCluster(): Promise<LeaveClusterOutcome> {
      if (cluster === undefined) return NO_CLUSTER;
      const { nodeId, members } = node.status();
      const reached = [...(await node.opinions()).keys()].filter((id) => id !== nodeId).length;
      note("Cluster Leave", `took the server ${nodeId} out of its cluster`, { node_id: nodeId });
      cluster.leave();
      return { kind: "leaving", nodeId, reached, others: members.filter(({ self }) => !self).length };
    },
    async checkDatabase(): Promise<CheckOutcome> {
      try {
        return { kind: "checked", check: await check() };
      } catch (error) {
        return failed(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

function forgetMember(node: Node, cluster: ClusterControls, name: string): ForgetMemberOutcome {
  const named = node.status().members.filter(({ id, facts }) =>
    [id, facts?.address, facts?.hostname, facts?.zone].includes(name) ||
    (name.length >= ID_END_UNITS_MIN && id.endsWith(name.toLowerCase()))
  );
  // A server that was replaced and its successor often share address and hostname: only the one that is gone can be meant.
  const gone = named.filter((member) => !member.self && isGone(member));
  const found = gone.length === 1 ? gone : named;
  if (found.length > 1) return { kind: "ambiguous", nodeIds: found.map(({ id }) => id) };
  const [member] = found;
  const outcome = member === undefined ? "unknown" : cluster.forget(member.id);
  switch (outcome) {
    case "forgotten":
      return { kind: "forgotten", nodeId: member.id, address: member.facts?.address ?? "", spared: named.length - 1 };
    case "unknown":
      return { kind: "not_found" };
    case "alive":
      return { kind: "alive" };
    case "self":
      return { kind: "failed", reason: "This is the server itself: use knot cluster leave" };
  }
}

function createdOutcome(outcome: CreateOutcome, { admin }: { admin: boolean }): CreateUserOutcome {
  switch (outcome.kind) {
    case "created":
      return { kind: "created", userId: outcome.id, admin, setUp: false };
    case "invalid":
    case "name_taken":
      return outcome;
    case "not_found":
      return failed("A role that was named is gone");
    case "changed": // Updates alone name a version.
      return failed("The user was changed meanwhile");
    case "forbidden":
    case "unavailable":
    case "storage_failed":
      return failed(outcome.reason);
  }
}

function updatedOutcome(outcome: UpdateOutcome, username: string): SetPasswordOutcome {
  switch (outcome.kind) {
    case "updated":
      return { kind: "updated", username };
    case "invalid":
    case "not_found":
      return outcome;
    case "name_taken": // Only where a partition made the name twice.
      return failed(`The user "${username}" is in conflict with another one; rename one of them first`);
    case "changed":
      return failed(`The user "${username}" was changed meanwhile; try again`);
    case "forbidden":
    case "unavailable":
    case "storage_failed":
      return failed(outcome.reason);
  }
}

function setUpOutcome(outcome: SetupOutcome, dataDir: string): CreateUserOutcome | "already_set_up" {
  switch (outcome.kind) {
    case "set_up":
      return { kind: "created", userId: outcome.userId, admin: true, setUp: true };
    case "already_set_up":
      return "already_set_up";
    case "invalid":
    case "joining":
      return outcome;
    case "wrong_token":
      return failed(
        `The setup token in "${join(dataDir, SETUP_TOKEN_FILE)}" is missing or old; start the server again`,
      );
    case "rate_limited":
      return failed(`There were too many attempts to set this server up; try again in ${outcome.retryAfterSeconds} s`);
    case "unavailable":
    case "storage_failed":
      return failed(outcome.reason);
  }
}

/** The token of this start; while setup is needed, waits for its file to be written. */
async function readSetupToken({ setup, dataDir, clock }: {
  setup: SetupService;
  dataDir: string;
  clock: Clock;
}): Promise<string> {
  for (let tries = 0; setup.needed && tries < TOKEN_TRIES_MAX; tries++) {
    const token = await Deno.readTextFile(join(dataDir, SETUP_TOKEN_FILE)).catch(() => "");
    if (setup.checkToken(token.trim())) return token.trim();
    await new Promise<void>((resolve) => void clock.after(TOKEN_RETRY_MS, resolve));
  }
  return ""; // Then setup answers what is the matter: no longer needed, joining, or "wrong_token", which names the file.
}

function failed(reason: string): Failed {
  return { kind: "failed", reason };
}
