import type { ClusterNode } from "../../src/node/mod.ts";
import type { RecordKind } from "../../src/records/mod.ts";
import type { SimulatedServer } from "./simulated_server.ts";

/** Kinds that the simulation's workload writes. */
const KINDS: readonly RecordKind[] = ["user", "group", "template_variable", "gadget"];

/** Everything a server shows, as text: equal texts, equal contents. */
export function contents(node: ClusterNode): string {
  const lines: string[] = [];
  for (const kind of KINDS) {
    for (const { id, version, fields, sets } of node.list(kind)) {
      lines.push(JSON.stringify([kind, id, version, fields, sets]));
    }
  }
  return lines.join("\n");
}

/** Whether all servers that run show the same. */
export function allEqual(servers: readonly SimulatedServer[]): boolean {
  const texts = new Set(servers.flatMap(({ node }) => node === undefined ? [] : [contents(node)]));
  return texts.size <= 1;
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
