import type { MemberStatus, NodeStatus } from "../node/mod.ts";

/** The cluster in a few numbers and one sentence. */
export interface ClusterSummary {
  readonly alive: number;
  readonly total: number;
  readonly zones: number;
  /** Live servers that hold what this one holds, this one included. */
  readonly inSync: number;
  readonly sentence: string;
}

/** Counts members by state. Those that left are not counted: they are remembered, and no part of the cluster. */
export function clusterSummary(status: NodeStatus): ClusterSummary {
  const members = status.members.filter((member) => member.state !== "left");
  const alive = members.filter((member) => member.state === "alive");
  const inSync = alive.filter((member) => member.self || member.inSync === true).length;
  const unsettled = alive.length - inSync;
  const away = members.length - alive.length;
  return {
    alive: alive.length,
    total: members.length,
    zones: new Set(members.map((member) => member.facts?.zone ?? "")).size,
    inSync,
    sentence: sentenceOf({ away, unsettled }),
  };
}

/** Name of a server as people know it: its hostname, else the beginning of its id. */
export function serverName(member: MemberStatus): string {
  const hostname = member.facts?.hostname ?? "";
  return hostname === "" ? member.id.slice(0, 8) : hostname;
}

function sentenceOf({ away, unsettled }: { away: number; unsettled: number }): string {
  if (away === 0 && unsettled === 0) return "All servers are alive and hold the same data.";
  const parts = [
    away === 0 ? "" : away === 1 ? "One server cannot be reached" : `${away} servers cannot be reached`,
    unsettled === 0 ? "" : unsettled === 1 ? "one is catching up" : `${unsettled} are catching up`,
  ].filter((part) => part !== "").join(", ");
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}.`;
}
