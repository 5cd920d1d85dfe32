import type { Clock, Entropy, Logger } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Accounts } from "./contract.ts";

/** The part of the configuration that people touch. */
export interface AccountsConfig {
  /** Where `setup-token` is written. */
  readonly dataDir: string;
  /** Where people reach the server, for the setup link. */
  readonly url: string;
  /** '' or 32 characters: seals the reversible secrets. */
  readonly encrypt: string;
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
}

/** Builds the room. */
export function createAccounts(_parts: AccountsParts): Accounts {
  throw new Error("Cannot create accounts: the services are still being built");
}
