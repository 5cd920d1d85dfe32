// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { FC } from "hono/jsx";
import { isGone, memberPath, type MemberStatus } from "../../node/mod.ts";
import { serverName } from "../cluster_summary.ts";
import { Moment } from "./moment.tsx";
import { State } from "./state.tsx";

const STATES = {
  alive: { kind: "good", label: "Alive" },
  suspect: { kind: "warn", label: "Suspect" },
  dead: { kind: "bad", label: "Dead" },
  leaving: { kind: "off", label: "Leaving" },
  left: { kind: "off", label: "Left" },
} as const;

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
        <div class="small quiet" title={member.id}>{member.shortId}</div>
      </th>
      <td role="cell" data-label="Zone">{facts?.zone ?? "–"}</td>
      <td role="cell" data-label="State">
        <State kind={state.kind} label={state.label} />
      </td>
      <td role="cell" class="breakable" data-label="Address">
        <div>
          {facts?.address ?? "–"}
          <Reach member={member} />
        </div>
      </td>
      <td role="cell" data-label="Version">{facts?.version ?? "–"}</td>
      <td role="cell" data-label="Started">
        <Moment atMs={isGone(member) ? undefined : facts?.startedAtMs} nowMs={nowMs} isPast />
      </td>
      <td role="cell" data-label="Last contact">
        {member.self
          ? <span class="quiet">–</span>
          : <Moment atMs={member.lastContactMs} nowMs={nowMs} never="never" isPast />}
      </td>
      <td role="cell" class="number" data-label="Round trip">{roundTripText(member)}</td>
      <td role="cell" class="number" data-label="Records">{records?.toLocaleString("en") ?? "–"}</td>
      <td role="cell" data-label="Sync">
        <div>
          <DataState member={member} />
        </div>
      </td>
    </tr>
  );
};

/** Below the address, so that the table is no wider: how the server is reached there. */
const Reach: FC<{ member: MemberStatus }> = ({ member }) => {
  const text = memberPath(member);
  return text === undefined ? null : <div class="small quiet">{text}</div>;
};

/** The element that shows this member. */
export function rowId(member: MemberStatus): string {
  return `server-${member.id}`;
}

/** Round-trip time in words: "0.4 ms", "120 ms"; a dash for this server itself, for those never measured, and for the gone. */
export function roundTripText(
  { self, roundTripMs }: Pick<MemberStatus, "self" | "roundTripMs">,
): string {
  if (self || roundTripMs === undefined) return "–";
  return `${roundTripMs < 10 ? roundTripMs.toFixed(1) : Math.round(roundTripMs)} ms`;
}

const DataState: FC<{ member: MemberStatus }> = ({ member }) => {
  if (member.isForeign) return <State kind="bad" label={capitalised(member.problem!)} />;
  return (
    <>
      <SyncState member={member} />
      {member.problem === undefined ? null : <div class="problem">{capitalised(member.problem)}</div>}
    </>
  );
};

const SyncState: FC<{ member: MemberStatus }> = ({ member: { self, inSync } }) => {
  if (self) return <span class="quiet">–</span>;
  if (inSync === undefined) return <State kind="off" label="Unknown" />;
  return inSync ? <State kind="good" label="In sync" /> : <State kind="warn" label="Catching up" />;
};

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
