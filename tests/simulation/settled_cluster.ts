import assert from "node:assert/strict";
import { disagreement } from "./agreement.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

/** Makes the first admin at `server` as soon as it offers setup. */
export async function setUp(simulation: Simulation, server: SimulatedServer): Promise<void> {
  await simulation.until("setup is offered", () => server.node!.status().readiness.kind === "setup_needed");
  const admin = { op: "create", kind: "user", id: simulation.id(), fields: { username: "admin" } } as const;
  assert.equal((await simulation.finish(server.node!.setUp([admin]))).kind, "committed");
}

/** A cluster of `count` servers, set up at the first, that agree. */
export async function settledCluster(options: SimulationOptions & { readonly count: number }) {
  const simulation = new Simulation(options);
  const servers = await simulation.cluster(options.count);
  await setUp(simulation, servers[0]);
  await simulation.until("all have joined", () => disagreement(servers) === undefined);
  return { simulation, servers };
}
