import { Hono } from "hono";
import { Permission } from "../accounts/mod.ts";
import type { MemberStatus } from "../node/mod.ts";
import { answer } from "./answer.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";

/** The original's words. Who has left for good is on its way out of the list. */
const STATES: Readonly<Record<MemberStatus["state"], string>> = {
  alive: "Alive",
  suspect: "Suspect",
  dead: "Dead",
  leaving: "Leaving",
  left: "Leaving",
};

/** `GET /api/cluster-info`: a bare array, by address. */
export function clusterInfoRoutes({ node }: ApiParts, gate: Gate): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  routes.get("/", gate.permit(Permission.ViewClusterInfo), (c) => {
    const members = node.status().members.map(memberBody);
    return answer(c, members.sort((a, b) => a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  });
  return routes;
}

/** `metadata` is text to text; what is not known is left out. */
function memberBody(member: MemberStatus) {
  const { facts } = member;
  const known: Record<string, string | undefined> = {
    zone: facts?.zone ?? "",
    hostname: facts?.hostname ?? "",
    api_endpoint: facts?.apiEndpoint ?? "",
    allocated_spaces: "0",
    running_spaces: "0",
    version: facts?.version,
    started_at: timeText(facts?.startedAtMs),
    last_contact_at: timeText(member.lastContactMs),
    round_trip_ms: member.roundTripMs?.toFixed(1),
    records: member.records?.toString(),
    in_sync: member.inSync?.toString(),
    self: String(member.self),
    problem: member.problem,
    packets_blocked: String(member.packetsBlocked),
    clock_offset_ms: member.clockOffsetMs?.toFixed(0),
  };
  const metadata = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return { id: member.id, address: facts?.address ?? "", state: STATES[member.state] ?? "Unknown", metadata };
}

function timeText(wallMs: number | undefined): string | undefined {
  const time = wallMs === undefined ? undefined : new Date(wallMs);
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}
