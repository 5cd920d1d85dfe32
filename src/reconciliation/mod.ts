/**
 * Finding and mending what differs between two servers. The fingerprint index says in one number whether they hold the same; the
 * reconciler names what arrived since they last did, then compares ranges of ids, and fetches what is missing. Pure.
 */
export { FingerprintIndex } from "./fingerprint_index.ts";
export type { IdKeeper } from "./fingerprint_tree.ts";
export type * from "./message.ts";
export { PART_BITS } from "./message.ts";
export type { ReconciliationPort, Stored } from "./port.ts";
export { tagOf } from "./port.ts";
export { Reconciler } from "./reconciler.ts";
