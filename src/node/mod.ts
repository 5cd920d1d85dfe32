/** Runs the protocol on real time, storage and transport; the only place that awaits for it. */
export type * from "./contract.ts";
export { AuditRows } from "./audit_log.ts";
export { checkDatabase, type DatabaseCheck } from "./check_database.ts";
export { forgetFormer, type FreshStart, FreshStartError, type SetAside, setLocalDataAside } from "./fresh_start.ts";
export { comeBackAnew, openNodeId } from "./identity.ts";
export type { FoundLostEdit } from "./lost_edits.ts";
export { isGone, isWebsocket, memberPath } from "./member_path.ts";
export type { Messenger, MessengerEvents } from "./messenger.ts";
export { ClusterNode, type ForgetOutcome } from "./node.ts";
export type { NodeOptions } from "./node_options.ts";
export { otherPeers } from "./other_peers.ts";
export { SealedMessenger, type SealedMessengerOptions } from "./sealed_messenger.ts";
