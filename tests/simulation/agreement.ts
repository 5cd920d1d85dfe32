import { allEqual } from "./checks.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import { normaliseName, type RecordState, type Stamp, uniqueNames } from "../../src/records/mod.ts";
import type { DiskWatch } from "./disk_watch.ts";
import type { Verdict } from "./verdict.ts";

/** What keeps the servers from agreement, in words; undefined when they agree. All of them must be running. */
export function disagreement(servers: readonly SimulatedServer[]): string | undefined {
  // The first one with a problem will do: a run looks often.
  for (const server of servers) {
    const problem = problemOf(server, servers);
    if (problem !== undefined) return `${server.name} ${problem}`;
  }
  // Last, since it costs most: what waits for its time counts in the roots, and is not shown.
  return allEqual(servers) ? undefined : "contents differ, although all hold each other for equal";
}

function problemOf({ node }: SimulatedServer, servers: readonly SimulatedServer[]): string | undefined {
  const status = node?.status();
  if (status?.readiness.kind !== "ready") return "is not ready";
  const { members, recordCount, store } = status;
  if (store.kind === "refusing") return "refuses writes, though the disk has room";
  const stateOf = new Map(members.map(({ id, state }) => [id, state]));
  const aliveCount = members.filter(({ state }) => state === "alive").length;
  if (aliveCount !== servers.length || servers.some(({ nodeId }) => stateOf.get(nodeId) !== "alive")) {
    return `sees ${members.map(({ facts, state }) => `${facts?.zone ?? "?"} ${state}`).join(", ")}`;
  }
  const behind = members.filter(({ inSync }) => inSync !== true);
  if (behind.length === 0) return undefined;
  const them = behind.map(({ facts, records }) => `${facts?.zone ?? "?"}, ${records ?? "?"} records`).join("; ");
  return `(${recordCount} records) is not known to be in sync with ${them}`;
}

/** What is on the disks of servers that agree must be the same, and each name must have one owner, the earliest. */
export function checkAgreement(servers: readonly SimulatedServer[], disks: DiskWatch, verdict: Verdict): void {
  const [first, ...others] = servers;
  const expected = liveOf(disks, first);
  for (const other of others) {
    const found = liveOf(disks, other);
    for (const record of new Set([...expected.keys(), ...found.keys()])) {
      if (textOf(expected.get(record)) === textOf(found.get(record))) continue;
      verdict.fail(`${record} differs on the disks of ${first.name} and ${other.name}`);
    }
  }
  const owners = ownersOf(expected.values());
  for (const server of servers) checkNames(server, expected.values(), owners, verdict);
}

function checkNames(
  { name: server, node }: SimulatedServer,
  records: Iterable<RecordState>,
  owners: ReadonlyMap<string, { id: string }>,
  verdict: Verdict,
): void {
  for (const record of records) {
    let loses = false;
    for (const { field, name } of uniqueNames(record)) {
      const owner = owners.get(`${record.kind} ${field} ${normaliseName(record.kind, field, name)}`)!.id;
      if (owner !== record.id) loses = true;
      const found = node!.findByName(record.kind, field, name)?.id;
      if (found !== owner) verdict.fail(`${server} gives ${field} ${name} to ${found}; it belongs to ${owner}`);
    }
    if (node!.inConflict(record.kind, record.id) !== loses) {
      verdict.fail(`${server} ${loses ? "hides" : "claims"} a clash of ${record.kind} ${record.id}`);
    }
  }
}

/** Who owns each name: the earliest stamp of the name's register; of equal ones the lesser id. */
function ownersOf(records: Iterable<RecordState>): Map<string, { id: string; stamp: Stamp }> {
  const owners = new Map<string, { id: string; stamp: Stamp }>();
  for (const record of records) {
    for (const { field, name, stamp } of uniqueNames(record)) {
      const key = `${record.kind} ${field} ${normaliseName(record.kind, field, name)}`;
      const owner = owners.get(key);
      if (owner === undefined || stamp < owner.stamp || (stamp === owner.stamp && record.id < owner.id)) {
        owners.set(key, { id: record.id, stamp });
      }
    }
  }
  return owners;
}

function liveOf(disks: DiskWatch, server: SimulatedServer): Map<string, RecordState> {
  return new Map([...disks.recordsOf(server)].filter(([, { deletedAt }]) => deletedAt === undefined));
}

function textOf(record: RecordState | undefined): string {
  if (record === undefined) return "absent";
  const fields = [...record.fields].map(([name, { stamp, value }]) => `${name} ${stamp} ${value}`).sort();
  const sets = [...record.sets].flatMap(([name, elements]) =>
    [...elements].map(([element, { stamp, present }]) => `${name} ${element} ${stamp} ${present}`)
  ).sort();
  return [...fields, ...sets].join("\n");
}
