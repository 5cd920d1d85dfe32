/** The protocol: events in, effects out, over membership, dissemination and reconciliation. Pure. */
export { Core } from "./core.ts";
export type { CoreOptions } from "./core_options.ts";
export type * from "./effect.ts";
export type * from "./message.ts";
export type * from "./outcome.ts";
export type { RememberedMember } from "./absences.ts";
export type { Agreement } from "./agreements.ts";
export { type Boot, BOOTS_MAX, type Unsettled } from "./generation.ts";
export { LoadedRecords, type PackedRecord } from "./loaded_records.ts";
export { RecordTable } from "./record_table.ts";
export type { LostEdit } from "./deleted_records.ts";
export type * from "./standing.ts";
export type {
  BootId,
  Channel,
  Destination,
  MemberFacts,
  MembershipConfig,
  MemberState,
  MemberUpdate,
  NodeId,
  Opinion,
  Path,
  Status,
} from "../membership/mod.ts";
export { defaultMembershipConfig } from "../membership/mod.ts";
export type { Mention, Part, ReconciliationMessage, RecordKey, Span } from "../reconciliation/mod.ts";
export { PART_BITS } from "../reconciliation/mod.ts";
