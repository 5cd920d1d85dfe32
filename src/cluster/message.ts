import type { PushMessage } from "../dissemination/mod.ts";
import type { MembershipMessage, NodeId } from "../membership/mod.ts";
import type { ReconciliationMessage } from "../reconciliation/mod.ts";

/** All that servers say to each other. Everything travels sealed. */
export type Message = MembershipMessage | PushMessage | ReconciliationMessage;

/** A message and its sender. */
export interface Envelope {
  readonly from: NodeId;
  readonly message: Message;
}
