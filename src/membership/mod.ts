/** SWIM with Lifeguard: who is a member, who is alive, who says so. Pure. */
export * from "./member.ts";
export type * from "./message.ts";
export { MEMBERS_MAX, MemberTable } from "./member_table.ts";
export { type Contact } from "./contacts.ts";
export { Membership } from "./membership.ts";
export type * from "./port.ts";
export { defaultMembershipConfig, type MembershipConfig } from "./preset.ts";
export { Retry } from "./retry.ts";
