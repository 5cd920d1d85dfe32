/** Finding and mending what differs between two servers. Pure. */
export type * from "./message.ts";
