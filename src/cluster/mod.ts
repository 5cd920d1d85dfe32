/** The protocol: events in, effects out, over membership, dissemination and reconciliation. Pure. */
export type * from "./message.ts";
