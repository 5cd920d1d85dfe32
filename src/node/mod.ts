/** Runs the protocol on real time, storage and transport; the only place that awaits for it. */
export type * from "./contract.ts";
export { AuditRows } from "./audit_log.ts";
export { openNodeId } from "./identity.ts";
export type { Messenger, MessengerEvents } from "./messenger.ts";
export { ClusterNode, type ForgetOutcome, type NodeOptions } from "./node.ts";
export { SealedMessenger, type SealedMessengerOptions } from "./sealed_messenger.ts";
