import type { Context } from "hono";
import type { Accounts, Principal } from "../accounts/mod.ts";
import type { Clock, Logger } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Templates } from "../templates/mod.ts";
import type { Assets } from "./assets.ts";

/** The part of the configuration that pages show or obey. */
export interface UiConfig {
  /** `server.url`: where people reach this server; its origin counts as our own behind a proxy. */
  readonly url: string;
  /** Named on the setup page, where the one-time token lies. */
  readonly dataDir: string;
}

/** What the pages are built of. */
export interface UiParts {
  readonly node: Node;
  readonly accounts: Accounts;
  readonly templates: Templates;
  /** Of this program, as shown in the footer of the menu. */
  readonly version: string;
  /** This server's zone. */
  readonly zone: string;
  readonly config: UiConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Address of the client without port; by default the socket's, as `Deno.serve` hands it to `app.fetch`. */
  readonly clientIp?: (c: Context) => string;
}

/** The parts and the loaded static files: what every page gets. */
export interface Site extends UiParts {
  readonly assets: Assets;
}

/** Hono's environment on pages behind the sign-in. */
export interface SignedIn {
  Variables: { principal: Principal };
}
