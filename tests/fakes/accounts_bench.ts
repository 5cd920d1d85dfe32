import { createHash } from "node:crypto";
import {
  type Accounts,
  type AccountsConfig,
  createAccounts,
  OPERATOR,
  type Passwords,
  type Principal,
} from "../../src/accounts/mod.ts";
import { systemEntropy } from "../../src/base/mod.ts";
import type { DatabaseCheck } from "../../src/node/mod.ts";
import { MemoryNode } from "./memory_node.ts";
import { silentLog } from "./silent_log.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** The accounts over a memory node and a clock that stands still, in a data folder that goes with it. */
export interface AccountsBench extends AsyncDisposable {
  readonly accounts: Accounts;
  readonly node: MemoryNode;
  readonly clock: VirtualClock;
  readonly log: ReturnType<typeof silentLog>;
  readonly dataDir: string;
  /** A database in which nothing is wrong, and nothing is. */
  readonly check: () => Promise<DatabaseCheck>;
  /** Makes a user by the operator; the password is `PASSWORD`. */
  user(username: string, more?: Record<string, unknown>): Promise<string>;
  role(name: string, permissions: number[]): Promise<string>;
  group(name: string): Promise<string>;
  /** Signs a user in: its cookie, and the principal it gives. */
  signIn(username: string): Promise<{ readonly sessionToken: string; readonly principal: Principal }>;
}

/** No protection at all, but also no tenths of seconds: for tests of what does not depend on the hash. */
const quickPasswords: Passwords = {
  hash: (password) => Promise.resolve(`$scrypt-not$${quickHash(password)}`),
  verify: (password, stored) => Promise.resolve(stored === `$scrypt-not$${quickHash(password)}`),
};

function quickHash(password: string): string {
  return createHash("sha256").update(password).digest("hex");
}

export const PASSWORD = "correct horse";
export const CALLER = { ip: "192.0.2.7", userAgent: "test" } as const;

export async function accountsBench(
  { config, ready = true, scrypt = false }: { config?: Partial<AccountsConfig>; ready?: boolean; scrypt?: boolean } =
    {},
): Promise<AccountsBench> {
  const dataDir = await Deno.makeTempDir({ prefix: "knot-accounts-" });
  const clock = new VirtualClock();
  const node = new MemoryNode(clock, { ready });
  const log = silentLog();
  const accounts = createAccounts({
    node,
    clock,
    entropy: systemEntropy,
    log,
    config: {
      dataDir,
      url: "http://127.0.0.1:3000/",
      encrypt: "",
      timezone: "Europe/Zurich",
      ipRateLimiting: true,
      totp: { enabled: false, window: 1, issuer: "Knot" },
      ...config,
    },
    passwords: scrypt ? undefined : quickPasswords,
  });
  const idOf = (outcome: { readonly kind: string; readonly id?: string }) => {
    if (outcome.kind !== "created") throw new Error(JSON.stringify(outcome));
    return outcome.id!;
  };
  return {
    accounts,
    node,
    clock,
    log,
    dataDir,
    check: () => Promise.resolve({ rows: 0, counts: {}, setAsideCount: 0, problemCount: 0, problems: [] }),
    async user(username, more = {}) {
      const input = { username, email: `${username}@example.com`, password: PASSWORD, ...more };
      return idOf(await accounts.users.create(OPERATOR, input));
    },
    role: async (name, permissions) => idOf(await accounts.roles.create(OPERATOR, { name, permissions })),
    group: async (name) => idOf(await accounts.groups.create(OPERATOR, { name })),
    async signIn(username) {
      const outcome = await accounts.signIn.signIn({ email: `${username}@example.com`, password: PASSWORD }, CALLER);
      if (outcome.kind !== "signed_in") throw new Error(JSON.stringify(outcome));
      const { sessionToken } = outcome;
      return { sessionToken, principal: accounts.signIn.authenticate({ sessionToken, ...CALLER })! };
    },
    async [Symbol.asyncDispose]() {
      await accounts.close();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}
