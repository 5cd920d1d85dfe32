// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { FC } from "hono/jsx";
import type { MemberStatus } from "../../node/mod.ts";
import { serverName } from "../cluster_summary.ts";
import { Moment } from "./moment.tsx";
import { reachText } from "./reach.ts";
import { State } from "./state.tsx";
import { Tags } from "./table.tsx";

const STATES = {
  alive: { kind: "good", label: "Alive" },
  suspect: { kind: "warn", label: "Suspect" },
  dead: { kind: "bad", label: "Dead" },
  leaving: { kind: "off", label: "Leaving" },
  left: { kind: "off", label: "Left" },
} as const;

/** Clocks under time synchronisation are nearer than this; writers refuse at 30 s. */
const CLOCK_OFFSET_SHOWN_MS = 2_000;

const COLUMNS = [
  { label: "Server" },
  { label: "Zone" },
  { label: "State" },
  { label: "Address" },
  { label: "Version" },
  { label: "Started" },
  { label: "Last contact" },
  { label: "Round trip", numeric: true },
  { label: "Records", numeric: true },
  { label: "Sync" },
] as const;

/** All servers as this one sees them. Rows carry ids, so that the live script replaces only what changed. */
export const ClusterTable: FC<{ members: readonly MemberStatus[]; recordCount: number; nowMs: number }> = (
  { members, recordCount, nowMs },
) => (
  <div class="table-frame" role="region" aria-label="Servers" tabindex={0}>
    <table class="rows-as-cards" role="table" aria-label="Servers and their state">
      <thead role="rowgroup">
        <tr role="row">
          {COLUMNS.map((column) => (
            <th role="columnheader" scope="col" class={"numeric" in column ? "number" : undefined}>{column.label}</th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" id="servers">
        {members.map((member) => <ServerRow member={member} recordCount={recordCount} nowMs={nowMs} />)}
      </tbody>
    </table>
  </div>
);

/** One server. `recordCount` is this server's own, which its row does not know otherwise. */
export const ServerRow: FC<{ member: MemberStatus; recordCount: number; nowMs: number }> = (
  { member, recordCount, nowMs },
) => {
  const { facts } = member;
  const state = STATES[member.state];
  const records = member.self ? recordCount : member.records;
  return (
    <tr role="row" id={rowId(member)} data-name={serverName(member)} data-state={state.label.toLowerCase()}>
      <th role="rowheader" scope="row">
        {serverName(member)}
        {member.self ? <span class="tag">this server</span> : null}
      </th>
      <td role="cell" data-label="Zone">{facts?.zone ?? "–"}</td>
      <td role="cell" data-label="State">
        <State kind={state.kind} label={state.label} />
        <Notes member={member} />
      </td>
      <td role="cell" class="breakable" data-label="Address">
        {facts?.address ?? "–"}
        <Reach member={member} />
      </td>
      <td role="cell" data-label="Version">{facts?.version ?? "–"}</td>
      <td role="cell" data-label="Started">
        <Moment atMs={facts?.startedAtMs} nowMs={nowMs} />
      </td>
      <td role="cell" data-label="Last contact">
        {member.self
          ? <span class="quiet">–</span>
          : <Moment atMs={member.lastContactMs} nowMs={nowMs} never="never" />}
      </td>
      <td role="cell" class="number" data-label="Round trip">{roundTripText(member)}</td>
      <td role="cell" class="number" data-label="Records">{records?.toLocaleString("en") ?? "–"}</td>
      <td role="cell" data-label="Sync">
        <DataState member={member} />
      </td>
    </tr>
  );
};

/** Below the address, so that the table is no wider: how the server is reached there. */
const Reach: FC<{ member: MemberStatus }> = ({ member }) => {
  const text = reachText(member);
  return text === "–" ? null : <div class="small quiet">{text}</div>;
};

/** What is worth mending. */
const Notes: FC<{ member: MemberStatus }> = ({ member: { self, clockOffsetMs = 0 } }) => {
  const seconds = Math.round(clockOffsetMs / 1_000);
  const notes = [
    !self && Math.abs(clockOffsetMs) >= CLOCK_OFFSET_SHOWN_MS
      ? `clock ${seconds > 0 ? "+" : "−"}${Math.abs(seconds)} s`
      : "",
  ].filter((note) => note !== "");
  return notes.length === 0 ? null : <Tags words={notes} />;
};

/** The element that shows this member. */
export function rowId(member: MemberStatus): string {
  return `server-${member.id}`;
}

/** Round-trip time in words: "0.4 ms", "120 ms"; a dash for this server itself, for those never measured, and for the gone. */
export function roundTripText(
  { self, state, roundTripMs }: Pick<MemberStatus, "self" | "state" | "roundTripMs">,
): string {
  if (self || roundTripMs === undefined || state === "dead" || state === "left") return "–";
  return `${roundTripMs < 10 ? roundTripMs.toFixed(1) : Math.round(roundTripMs)} ms`;
}

const DataState: FC<{ member: MemberStatus }> = ({ member }) => {
  if (member.problem !== undefined) return <State kind="bad" label={capitalised(member.problem)} />;
  if (member.self) return <span class="quiet">–</span>;
  // Whatever a server held at its last word: once it is gone nobody knows.
  const isGone = member.state === "dead" || member.state === "left";
  if (isGone || member.inSync === undefined) return <State kind="off" label="Unknown" />;
  return member.inSync ? <State kind="good" label="In sync" /> : <State kind="warn" label="Catching up" />;
};

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
