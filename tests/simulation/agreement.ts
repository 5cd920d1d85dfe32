import { allEqual } from "./checks.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import { normaliseName, type RecordState, type Stamp, uniqueNames } from "../../src/records/mod.ts";
import type { DiskWatch } from "./disk_watch.ts";
import type { Verdict } from "./verdict.ts";

/** What keeps the servers from agreement, in words; undefined when they agree. All of them must be running. */
export function disagreement(servers: readonly SimulatedServer[]): string | undefined {
  // Each is asked once: a run looks often.
  const statuses = new Map(servers.map((server) => [server, server.node?.status()]));
  const unready = servers.filter((server) => statuses.get(server)?.readiness.kind !== "ready");
  if (unready.length > 0) return `${namesOf(unready)} not ready`;
  const refusing = servers.filter((server) => statuses.get(server)!.store.kind === "refusing");
  if (refusing.length > 0) return `${namesOf(refusing)} refusing writes, though the disk has room`;
  const views = [...statuses.values()].map((status) => status!.members.filter(({ state }) => state === "alive"));
  const everybody = servers.map(({ nodeId }) => nodeId).sort().join();
  if (views.some((alive) => alive.map(({ id }) => id).sort().join() !== everybody)) {
    return `not all see each other: ${servers.map(viewOf).join("; ")}`;
  }
  const behind = servers.filter((server) => statuses.get(server)!.members.some(({ inSync }) => inSync !== true));
  if (behind.length > 0) {
    const sizes = servers.map((server) => `${server.name} ${statuses.get(server)!.recordCount}`).join(", ");
    return `${namesOf(behind)} not known to be in sync with everybody, records: ${sizes}`;
  }
  // Last, since it costs most: what waits for its time counts in the roots, and is not shown.
  if (!allEqual(servers)) return "contents differ, although all hold each other for equal";
  return undefined;
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

function namesOf(servers: readonly SimulatedServer[]): string {
  return servers.map(({ name }) => name).join(", ");
}

function viewOf({ name, node }: SimulatedServer): string {
  const members = node?.status().members ?? [];
  return `${name} sees ${members.map(({ facts, state }) => `${facts?.zone ?? "?"} ${state}`).join(", ")}`;
}
