import type { RecordKind, RecordView } from "../../src/records/mod.ts";
import type { SimulatedServer } from "./simulated_server.ts";

/** Kinds that the simulation's workload writes. */
const KINDS: readonly RecordKind[] = ["user", "group", "template_variable", "gadget"];

/** Whether all servers that run show the same. */
export function allEqual(servers: readonly SimulatedServer[]): boolean {
  const [first, ...others] = servers.flatMap(({ node }) => node ?? []);
  return first === undefined || KINDS.every((kind) => {
    const expected = first.list(kind);
    return others.every((other) => {
      const found = other.list(kind);
      return found.length === expected.length && found.every((record, at) => isSame(record, expected[at]));
    });
  });
}

function isSame(a: RecordView, b: RecordView): boolean {
  return a.id === b.id && a.version === b.version && isSameIn(a.fields, b.fields) && isSameIn(a.sets, b.sets);
}

function isSameIn(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => {
    // Most are short texts: writing them out to compare them would cost more than all else of a look.
    return a[name] === b[name] || Object.hasOwn(b, name) && JSON.stringify(a[name]) === JSON.stringify(b[name]);
  });
}

/** Whether each running server sees exactly the running ones as alive. */
export function allSeeEachOther(servers: readonly SimulatedServer[]): boolean {
  const running = servers.filter(({ node }) => node !== undefined).map(({ nodeId }) => nodeId).sort().join();
  return servers.every(({ node }) => {
    if (node === undefined) return true;
    const alive = node.status().members.filter(({ state }) => state === "alive").map(({ id }) => id).sort().join();
    return alive === running;
  });
}
