/** Runs the protocol on real time, storage and transport. */
export type * from "./contract.ts";
