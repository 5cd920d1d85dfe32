import type { Clock, Entropy, Logger } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import { AttemptLimiter } from "./attempt_limiter.ts";
import { AuditLog } from "./audit_log.ts";
import { type AuditStore, memoryAuditStore } from "./audit_store.ts";
import { audited, auditedSessions, auditedSetup, auditedSignIn, auditedUsers } from "./audited.ts";
import { watchConflicts } from "./conflict_watch.ts";
import type { Accounts } from "./contract.ts";
import { sweepExpired } from "./expiry_sweep.ts";
import { createGroupService } from "./group_service.ts";
import { PasswordHasher, type Passwords } from "./password.ts";
import { PERMISSIONS } from "./permission.ts";
import { createRoleService } from "./role_service.ts";
import { warnOfForeignSeals } from "./sealed_check.ts";
import { createSealer } from "./sealer.ts";
import { createSessionService } from "./session_service.ts";
import { SessionStore } from "./session_store.ts";
import { Setup } from "./setup_service.ts";
import { setupTokenFile } from "./setup_token_file.ts";
import { ADDRESS_LIMITS, SignIn } from "./sign_in_service.ts";
import { createTokenService } from "./token_service.ts";
import { TokenStore } from "./token_store.ts";
import { Users } from "./user_service.ts";

/** The part of the configuration that people touch. */
export interface AccountsConfig {
  /** Where `setup-token` is written. */
  readonly dataDir: string;
  /** Where people reach the server, for the setup link. */
  readonly url: string;
  /** '' or 32 characters: seals the reversible secrets. */
  readonly encrypt: string;
  /** IANA name: of users who choose none when they are made. */
  readonly timezone: string;
  /** Sign-in attempts are limited by client address. */
  readonly ipRateLimiting: boolean;
  readonly totp: { readonly enabled: boolean; readonly window: number; readonly issuer: string };
}

/** What the room is built of. */
export interface AccountsParts {
  readonly node: Node;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Logger;
  readonly config: AccountsConfig;
  /** Where the audit log lies, and how long; in memory unless given. */
  readonly audit?: { readonly store: AuditStore; readonly zone: string; readonly retentionDays: number };
  /** scrypt unless given: tests of what stands above need not wait for it. */
  readonly passwords?: Passwords;
}

const MEMORY_AUDIT = () => ({ store: memoryAuditStore(), zone: "", retentionDays: 90 });

/** Builds the room. Watches the node's status from now on, for the setup token. */
export function createAccounts({ node, clock, entropy, log, config, audit: kept, passwords }: AccountsParts): Accounts {
  const { timezone } = config;
  const hasher = passwords ?? new PasswordHasher(entropy);
  const sealer = createSealer(config.encrypt, entropy);
  const sessions = new SessionStore({ node, clock, entropy });
  const tokens = new TokenStore({ node, clock });
  const addresses = new AttemptLimiter(ADDRESS_LIMITS, () => clock.monotonicMs());
  const file = setupTokenFile(config.dataDir);
  const setup = new Setup({ node, clock, entropy, log, hasher, file, addresses, url: config.url, timezone });
  const audit = new AuditLog({ clock, entropy, log, ...(kept ?? MEMORY_AUDIT()) });
  const users = new Users({ node, clock, entropy, hasher, sealer, sessions, tokens, timezone });
  const groups = createGroupService({ node, clock, entropy });
  const roles = createRoleService({ node, clock, entropy });
  const ownTokens = createTokenService({ node, clock, entropy, store: tokens });
  const signIn = new SignIn({
    node,
    clock,
    entropy,
    log,
    audit,
    hasher,
    sealer,
    sessions,
    tokens,
    addresses: config.ipRateLimiting ? addresses : undefined,
    totp: config.totp,
  });
  if (config.totp.enabled) warnOfForeignSeals({ node, sealer, log });
  const stopWatching = watchConflicts({ node, log });
  const stopSweep = sweepExpired({ node, clock, entropy, log });
  return {
    users: auditedUsers(users, audit),
    groups: audited(groups, audit, { what: "Group", read: (_, id) => groups.get(id) }),
    roles: audited(roles, audit, { what: "Role", read: (_, id) => roles.get(id) }),
    sessions: auditedSessions(createSessionService(sessions), audit),
    tokens: audited(ownTokens, audit, {
      what: "Token",
      read: (principal, id) => ownTokens.list(principal).find((token) => token.token_id === id),
    }),
    signIn: auditedSignIn(signIn, audit, (id) => users.get(id)?.username ?? ""),
    setup: auditedSetup(setup, audit),
    audit,
    permissions: { list: () => PERMISSIONS },
    async close() {
      stopSweep();
      stopWatching();
      sessions.close();
      tokens.close();
      await setup.close();
      await audit.close();
    },
  };
}
