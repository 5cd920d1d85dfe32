import type { MemberStatus } from "../../node/mod.ts";

/** How this server reaches a member, in words; a dash for itself and for who is gone. */
export function reachText({ self, state, relayed, packetsBlocked, facts }: MemberStatus): string {
  if (self || state === "dead" || state === "left") return "–";
  if (relayed) return "through others";
  if (isWebsocket(facts?.address)) return "websocket";
  return packetsBlocked ? "TCP only" : "direct";
}

/** True for addresses of servers that speak websocket, which has no datagrams that could be blocked. */
export function isWebsocket(address = ""): boolean {
  return /^[a-z]+:\/\//i.test(address);
}
