/** Who is told what of the records, how often, in which packet. Pure. */
export type * from "./message.ts";
export { PushAcks } from "./push_acks.ts";
export { Pusher, type PusherPort } from "./pusher.ts";
