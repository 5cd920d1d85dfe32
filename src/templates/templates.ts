import type { Clock, Entropy } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Templates } from "./contract.ts";
import { openSealer, type ValueSealer } from "./sealer.ts";
import { createTemplateService } from "./template_service.ts";
import { createVariableService } from "./variable_service.ts";

/** What the room is built of. */
export interface TemplatesParts {
  readonly node: Node;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** This server's zone: templates of other zones are shown only to those who manage them. */
  readonly zone: string;
  /** Seals and opens protected values; without it they are stored as they are. */
  readonly sealer?: ValueSealer;
}

/** Builds the room. */
export function createTemplates({ node, clock, entropy, zone, sealer = openSealer }: TemplatesParts): Templates {
  return {
    templates: createTemplateService({ node, clock, entropy, zone }),
    variables: createVariableService({ node, clock, entropy, sealer }),
  };
}
