/**
 * The deterministic simulator: the code that ships, from the node inwards, on virtual time, with networks, disks, clocks and
 * processes that fail as a seed decides, and checkers that stand outside of it. `main.ts` runs seeds, `mutants.ts` asks
 * whether the seeds would notice a bug, `bench/membership.ts` measures.
 */
export { allEqual, allSeeEachOther } from "./checks.ts";
export { disagreement } from "./agreement.ts";
export type { ServerOptions, SimulatedServer } from "./simulated_server.ts";
export { type RunOptions, type RunReport, runSeed, SimulationFailure } from "./run_seed.ts";
export { runSeeds } from "./seed_pool.ts";
export { setUp } from "./settled_cluster.ts";
export { factsOf, Simulation, type SimulationOptions } from "./simulation.ts";
export type { TraceLevel, TraceLine } from "./simulation_log.ts";
export { FINE_LINK, type LinkCondition, Weather } from "./weather.ts";
export { askWorker } from "./worker_call.ts";
