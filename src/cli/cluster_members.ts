import { Command } from "commander";
import { type Admin, isGone, memberPath } from "../admin/mod.ts";
import type { AdminSeats } from "./admin_seat.ts";
import { CommandFailure } from "./failure.ts";
import type { Io } from "./io.ts";
import { readConfig } from "./settings.ts";
import { opinionMatrix } from "./opinion_matrix.ts";
import { tableOf } from "./table.ts";

type Member = Awaited<ReturnType<Admin["members"]>>["members"][number];
type Opinions = Awaited<ReturnType<Admin["opinions"]>>;

/** `knot cluster members`: all servers with zone, hostname, end of the id, state, address, version, last contact, records and whether in sync. */
export function clusterMembersCommand(io: Io, seats: AdminSeats): Command {
  const command = new Command("members")
    .description("list the servers of the cluster")
    .option("--opinions", "what each server thinks of each other: shows a link that works in one direction only")
    .option("--json", "as a JSON array")
    .addHelpText(
      "after",
      "\nExamples:\n  knot cluster members\n  knot cluster members --opinions\n  knot cluster members --json | jq '.[] | select(.in_sync | not)'",
    );
  return command.action(async ({ json, opinions: asked }: { json?: true; opinions?: true }) => {
    const { config } = readConfig(command, io);
    await using seat = await seats.connect(config.server.dataDir);
    if (seat === undefined) {
      throw new CommandFailure(
        `Cannot list the members: no server is running with data folder "${config.server.dataDir}" (see --data-dir)`,
      );
    }
    const { members } = await seat.admin.members();
    const opinions = asked ? await seat.admin.opinions() : undefined;
    if (json) io.stdout(`${JSON.stringify(members.map((member) => asJson(member, io.nowMs(), opinions)), null, 2)}\n`);
    else io.stdout(opinions ? opinionMatrix(members, opinions) : asTable(members, io.nowMs()));
  });
}

function asJson(member: Member, nowMs: number, opinions: Opinions | undefined) {
  const { facts } = member;
  return {
    id: member.id,
    short_id: member.shortId,
    self: member.self,
    state: member.state,
    zone: facts?.zone ?? null,
    hostname: facts?.hostname ?? null,
    address: facts?.address ?? null,
    version: facts?.version ?? null,
    started_at: isGone(member) ? null : timeOf(facts?.startedAtMs),
    last_contact: timeOf(member.lastContactMs),
    round_trip_ms: member.roundTripMs ?? null,
    records: member.records ?? null,
    in_sync: member.inSync ?? null,
    problem: member.problem ?? null,
    incarnation: member.incarnation,
    protocol_min: facts?.protocolMin ?? null,
    protocol_max: facts?.protocolMax ?? null,
    uptime_seconds: facts === undefined || isGone(member)
      ? null
      : Math.max(0, Math.floor((nowMs - facts.startedAtMs) / 1000)),
    packets_blocked: member.packetsBlocked,
    streams_blocked: member.streamsBlocked,
    relayed: member.relayed,
    clock_offset_ms: member.clockOffsetMs ?? null,
    ...(opinions && { seen_by: seenBy(member, opinions) }),
  };
}

function seenBy(member: Member, opinions: Opinions) {
  return Object.fromEntries(
    [...opinions].flatMap(([observer, held]) =>
      held.filter(({ id }) => id === member.id).map(({ state, path, roundTripMs, silentMs }) => {
        const opinion = { state, path: path ?? null, round_trip_ms: roundTripMs ?? null, silent_ms: silentMs ?? null };
        return [observer, opinion];
      })
    ),
  );
}

function timeOf(ms: number | undefined): string | null {
  const time = new Date(ms ?? NaN); // Another server's clock may tell anything.
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function asTable(members: readonly Member[], nowMs: number): string {
  const showsClock = members.some(isClockOff);
  const header = [
    "ZONE",
    "HOSTNAME",
    "ID",
    "STATE",
    "ADDRESS",
    "VERSION",
    "PATH",
    "LAST CONTACT",
    "ROUND TRIP",
    "RECORDS",
    "IN SYNC",
    ...(showsClock ? ["CLOCK"] : []),
    "PROBLEM",
  ];
  const rows = members.map(({ facts, ...member }) => [
    facts?.zone ?? "?",
    facts?.hostname || "?",
    member.shortId,
    member.state,
    facts?.address ?? member.id,
    facts?.version ?? "?",
    memberPath({ ...member, facts }) ?? "-",
    member.self ? "this server" : ago(member.lastContactMs, nowMs),
    member.self || member.roundTripMs === undefined ? "-" : `${member.roundTripMs.toFixed(1)} ms`,
    member.records === undefined ? "?" : String(member.records),
    member.inSync === undefined ? "?" : member.inSync ? "yes" : "no",
    ...(showsClock ? [clockText(member)] : []),
    member.problem ?? "",
  ]);
  return tableOf([header, ...rows]);
}

/** Clocks under time synchronisation are nearer to each other than this. */
const CLOCK_SHOWN_MS = 1_000;

function isClockOff({ clockOffsetMs = 0 }: Pick<Member, "clockOffsetMs">): boolean {
  return Math.abs(clockOffsetMs) > CLOCK_SHOWN_MS;
}

/** Against this server's: `+1.4 s`. */
function clockText(member: Pick<Member, "clockOffsetMs">): string {
  if (!isClockOff(member)) return "";
  const seconds = member.clockOffsetMs! / 1_000;
  return `${seconds > 0 ? "+" : ""}${seconds.toFixed(1)} s`;
}

/** In the unit that people would say: `5 s ago`, `3 min ago`. */
function ago(ms: number | undefined, nowMs: number): string {
  if (ms === undefined) return "never";
  const seconds = Math.max(0, Math.round((nowMs - ms) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} days ago`;
}
