/** The protocol: events in, effects out, over membership, dissemination and reconciliation. Pure. */
export type * from "./message.ts";
export type { BootId, MemberFacts, MemberState, MemberUpdate, NodeId, Status } from "../membership/mod.ts";
export type { ListEntry, ListKey } from "../reconciliation/mod.ts";
