/** The replicated kinds: schema, hybrid logical clock, merge, tombstone. Pure. */
export type * from "./record.ts";
export type * from "./write.ts";
