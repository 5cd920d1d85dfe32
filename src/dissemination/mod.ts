/** Who is told what, how often, in which packet. Pure. */
export type * from "./message.ts";
