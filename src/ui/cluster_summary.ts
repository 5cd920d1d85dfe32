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
  return {
    alive: alive.length,
    total: members.length,
    zones: new Set(members.map((member) => member.facts?.zone ?? "")).size,
    inSync,
    sentence: status.store.kind === "refusing"
      ? `This server's disk refuses writes. ${sentenceOf(members)}`
      : sentenceOf(members),
  };
}

/** Name of a server as people know it: its hostname, else the beginning of its id. */
export function serverName(member: MemberStatus): string {
  const hostname = member.facts?.hostname ?? "";
  return hostname === "" ? member.id.slice(0, 8) : hostname;
}

function sentenceOf(members: readonly MemberStatus[]): string {
  const others = members.filter((member) => !member.self);
  const counted = (those: (member: MemberStatus) => boolean, [one, many]: readonly [string, string]) => {
    const count = others.filter(those).length;
    return count === 0 ? "" : count === 1 ? `one ${one}` : `${count} ${many}`;
  };
  const parts = [
    counted(({ state }) => state === "dead" || state === "suspect", ["does not answer", "do not answer"]),
    counted(({ state }) => state === "leaving", ["is leaving", "are leaving"]),
    counted(isLiveWith((member) => member.isForeign), ["exchanges no data", "exchange no data"]),
    counted(isLiveWith((member) => !member.isForeign && member.problem !== undefined), [
      "has a problem",
      "have a problem",
    ]),
    counted(isLiveWith((member) => member.problem === undefined && member.inSync !== true), [
      "is catching up",
      "are catching up",
    ]),
  ].filter((part) => part !== "");
  if (parts.length === 0) return "All servers are alive and hold the same data.";
  return `Of the other servers, ${parts.join(", ")}.`;
}

function isLiveWith(quality: (member: MemberStatus) => boolean): (member: MemberStatus) => boolean {
  return (member) => member.state === "alive" && quality(member);
}
