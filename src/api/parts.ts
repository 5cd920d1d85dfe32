import type { Accounts, Principal } from "../accounts/mod.ts";
import type { Clock, Logger } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Templates } from "../templates/mod.ts";

/** What the routes are built of. */
export interface ApiParts {
  readonly node: Node;
  readonly accounts: Accounts;
  readonly templates: Templates;
  /** Of this program. */
  readonly version: string;
  /** This server's zone. */
  readonly zone: string;
  /** `server.url`: cookies are Secure where it is https; its origin counts as our own behind a proxy. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Take the client's address from the last entry of `X-Forwarded-For`: only where a proxy of ours writes it. */
  readonly trustForwardedFor?: boolean;
}

/** Hono's environment behind the gate. */
export interface SignedIn {
  Variables: { principal: Principal };
}
