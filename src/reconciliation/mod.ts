/** Finding and mending what differs between two servers. Pure. */
export { FingerprintIndex } from "./fingerprint_index.ts";
export type * from "./message.ts";
export { compareKeys, Reconciler, type ReconcilerPort } from "./reconciler.ts";
