import type { Clock, Entropy } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Templates } from "./contract.ts";

/** What the room is built of. */
export interface TemplatesParts {
  readonly node: Node;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** This server's zone: templates of other zones are shown only to those who manage them. */
  readonly zone: string;
  /** Seals and opens protected values; the accounts' sealer. Without it they are stored as they are. */
  readonly sealer?: ValueSealer;
}

/** Reversible sealing of one text. */
export interface ValueSealer {
  seal(text: string): string;
  /** Undefined when sealed under another key. */
  open(sealed: string): string | undefined;
}

/** Builds the room. */
export function createTemplates(_parts: TemplatesParts): Templates {
  throw new Error("Cannot create templates: the services are still being built");
}
