import { Hono } from "hono";
import { Permission } from "../accounts/mod.ts";
import { isGone, type MemberStatus, type Node } from "../node/mod.ts";
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

/**
 * `GET /api/cluster-info`: a bare array, by address. With `?opinions=1` each entry's `seen_by` tells, as JSON, what each live server
 * thinks of it: that takes up to a second, and shows a partition that has one direction only.
 */
export function clusterInfoRoutes({ node, clock }: ApiParts, gate: Gate): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  routes.get("/", gate.permit(Permission.ViewClusterInfo), async (c) => {
    const seenBy = asked(c.req.query("opinions")) ? await opinionsOfEach(node) : undefined;
    const members = node.status().members.map((member) =>
      memberBody(member, { nowMs: clock.wallMs(), seenBy: seenBy && (seenBy.get(member.id) ?? {}) })
    );
    return answer(c, members.sort((a, b) => a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  });
  return routes;
}

/** `metadata` is text to text; what is not known is left out. */
function memberBody(
  member: MemberStatus,
  { nowMs, seenBy }: { nowMs: number; seenBy: Readonly<Record<string, unknown>> | undefined },
) {
  const { facts } = member;
  const known: Record<string, string | undefined> = {
    zone: facts?.zone ?? "",
    hostname: facts?.hostname ?? "",
    api_endpoint: facts?.apiEndpoint ?? "",
    allocated_spaces: "0",
    running_spaces: "0",
    version: facts?.version,
    started_at: isGone(member) ? undefined : timeText(facts?.startedAtMs),
    last_contact_at: timeText(member.lastContactMs),
    round_trip_ms: member.roundTripMs?.toFixed(1),
    records: member.records?.toString(),
    in_sync: member.inSync?.toString(),
    self: String(member.self),
    problem: member.problem,
    packets_blocked: String(member.packetsBlocked),
    streams_blocked: String(member.streamsBlocked),
    relayed: String(member.relayed),
    clock_offset_ms: member.clockOffsetMs?.toFixed(0),
    incarnation: String(member.incarnation),
    protocol_min: facts?.protocolMin.toString(),
    protocol_max: facts?.protocolMax.toString(),
    uptime_seconds: facts && !isGone(member) ? secondsSince(facts.startedAtMs, nowMs) : undefined,
    seen_by: seenBy && JSON.stringify(seenBy),
  };
  const metadata = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return { id: member.id, address: facts?.address ?? "", state: STATES[member.state] ?? "Unknown", metadata };
}

function asked(flag: string | undefined): boolean {
  return flag === "" || flag === "1" || flag === "true";
}

/** By the id of who is seen, and then of who sees. */
async function opinionsOfEach(node: Node): Promise<Map<string, Record<string, unknown>>> {
  const seen = new Map<string, Record<string, unknown>>();
  for (const [observer, opinions] of await node.opinions()) {
    for (const { id, state, path, roundTripMs, silentMs } of opinions) {
      const opinion = {
        state,
        path,
        round_trip_ms: roundTripMs && Number(roundTripMs.toFixed(1)),
        silent_ms: silentMs,
      };
      seen.set(id, { ...seen.get(id), [observer]: opinion });
    }
  }
  return seen;
}

function secondsSince(startedAtMs: number, nowMs: number): string {
  return String(Math.max(0, Math.floor((nowMs - startedAtMs) / 1000)));
}

function timeText(wallMs: number | undefined): string | undefined {
  const time = wallMs === undefined ? undefined : new Date(wallMs);
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}
