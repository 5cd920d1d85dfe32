/** SWIM with Lifeguard: who is a member, who is alive, who says so. Pure. */
export * from "./member.ts";
export type * from "./message.ts";
