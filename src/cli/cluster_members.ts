import { Command } from "commander";
import type { Admin } from "../admin/mod.ts";
import type { AdminSeats } from "./admin_seat.ts";
import { CommandFailure } from "./failure.ts";
import type { Io } from "./io.ts";
import { readConfig } from "./settings.ts";
import { tableOf } from "./table.ts";

type Member = Awaited<ReturnType<Admin["members"]>>["members"][number];

/** `knot cluster members`: all servers with zone, state, address, version, last contact, records and whether in sync. */
export function clusterMembersCommand(io: Io, seats: AdminSeats): Command {
  const command = new Command("members")
    .description("list the servers of the cluster")
    .option("--json", "as a JSON array")
    .addHelpText(
      "after",
      "\nExamples:\n  knot cluster members\n  knot cluster members --json | jq '.[] | select(.in_sync | not)'",
    );
  return command.action(async ({ json }: { json?: true }) => {
    const { config } = readConfig(command, io);
    await using seat = await seats.connect(config.server.dataDir);
    if (seat === undefined) {
      throw new CommandFailure(
        `Cannot list the members: no server is running with data folder "${config.server.dataDir}" (see --data-dir)`,
      );
    }
    const { members } = await seat.admin.members();
    io.stdout(json ? `${JSON.stringify(members.map(asJson), null, 2)}\n` : asTable(members, io.nowMs()));
  });
}

function asJson(member: Member) {
  const { facts } = member;
  return {
    id: member.id,
    self: member.self,
    state: member.state,
    zone: facts?.zone ?? null,
    hostname: facts?.hostname ?? null,
    address: facts?.address ?? null,
    version: facts?.version ?? null,
    started_at: timeOf(facts?.startedAtMs),
    last_contact: timeOf(member.lastContactMs),
    round_trip_ms: member.roundTripMs ?? null,
    records: member.records ?? null,
    in_sync: member.inSync ?? null,
    problem: member.problem ?? null,
  };
}

function timeOf(ms: number | undefined): string | null {
  const time = new Date(ms ?? NaN); // Another server's clock may tell anything.
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function asTable(members: readonly Member[], nowMs: number): string {
  const header = ["ZONE", "STATE", "ADDRESS", "VERSION", "LAST CONTACT", "ROUND TRIP", "RECORDS", "IN SYNC", "PROBLEM"];
  const rows = members.map(({ facts, ...member }) => [
    facts?.zone ?? "?",
    member.state,
    facts?.address ?? member.id,
    facts?.version ?? "?",
    member.self ? "this server" : ago(member.lastContactMs, nowMs),
    member.self || member.roundTripMs === undefined ? "-" : `${member.roundTripMs.toFixed(1)} ms`,
    member.records === undefined ? "?" : String(member.records),
    member.inSync === undefined ? "?" : member.inSync ? "yes" : "no",
    member.problem ?? "",
  ]);
  return tableOf([header, ...rows]);
}

/** In the unit that people would say: `5 s ago`, `3 min ago`. */
function ago(ms: number | undefined, nowMs: number): string {
  if (ms === undefined) return "never";
  const seconds = Math.max(0, Math.round((nowMs - ms) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} days ago`;
}
