/** Runs the protocol on real time, storage and transport; the only place that awaits for it. */
export type * from "./contract.ts";
export type { Messenger, MessengerEvents } from "./messenger.ts";
export { ClusterNode, type NodeOptions } from "./node.ts";
export { SealedMessenger, type SealedMessengerOptions } from "./sealed_messenger.ts";
