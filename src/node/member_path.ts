import type { MemberStatus } from "../cluster/mod.ts";

type Reached = Pick<MemberStatus, "self" | "state" | "relayed" | "packetsBlocked" | "streamsBlocked" | "facts">;

/** True of who is not expected to answer: dead, stopped or on its way out. What it does now, and since when, nobody knows. */
export function isGone({ state }: Pick<MemberStatus, "state">): boolean {
  return state !== "alive" && state !== "suspect";
}

/** How this server reaches a member, in words; undefined for itself and for who is gone. */
export function memberPath({ relayed, packetsBlocked, streamsBlocked, facts, ...member }: Reached): string | undefined {
  if (member.self || isGone(member)) return undefined;
  if (relayed) return "through others";
  if (isWebsocket(facts?.address)) return "websocket";
  if (streamsBlocked) return "UDP only";
  return packetsBlocked ? "TCP only" : "direct";
}

/** True for addresses of servers that speak websocket, which has no datagrams that could be blocked. */
export function isWebsocket(address = ""): boolean {
  return /^[a-z]+:\/\//i.test(address);
}
