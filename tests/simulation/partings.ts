import type { SimulatedServer } from "./simulated_server.ts";
import type { Simulation } from "./simulation.ts";
import type { Verdict } from "./verdict.ts";

/** A goodbye is at everybody so soon, in milliseconds. */
const GOODBYE_MS_MAX = 2_000;
/** How long the others are watched afterwards, in milliseconds: several retries of a dead member. */
const WATCH_MS = 15_000;
/** How often is looked, in milliseconds. */
const LOOK_MS = 100;

/**
 * `leaver` stops as SIGTERM does. Everybody must show it as leaving, never as dead, and nobody may go on calling for it:
 * it will say when it is back. Only those that were configured to may ask at its address.
 */
export async function farewell(simulation: Simulation, leaver: SimulatedServer, verdict: Verdict): Promise<void> {
  const { clock } = simulation;
  await simulation.stop(leaver);
  await clock.run(GOODBYE_MS_MAX);
  const callers = new Set<string>();
  const addressed = new Set<string>();
  const unheard = simulation.onMessage(({ address }, way, _message, { peer }) => {
    // A packet that took a slow way, from before the parting, looks like a return: it may be answered.
    if (way === "received" && peer === leaver.nodeId) addressed.add(address);
    if (way === "sent" && peer === leaver.address && !addressed.has(address)) callers.add(address);
  });
  await clock.run(WATCH_MS);
  unheard();
  for (const { name, address, peers, node } of simulation.running) {
    const state = node!.status().members.find(({ id }) => id === leaver.nodeId)?.state;
    if (state !== "leaving") verdict.fail(`${name} shows ${leaver.name}, which was stopped, as ${state}`);
    if (callers.has(address) && !peers.includes(leaver.address)) {
      verdict.fail(`${name} calls for ${leaver.name}, which said that it leaves`);
    }
  }
}

/** `victim` dies without a word. Everybody else must say so within `limitMs`, and of nobody else. */
export async function sudden(
  simulation: Simulation,
  victim: SimulatedServer,
  { limitMs, verdict }: { limitMs: number; verdict: Verdict },
): Promise<void> {
  const { clock } = simulation;
  simulation.crash(victim, "machine");
  const unaware = () =>
    simulation.running.filter(({ node }) =>
      node!.status().members.find(({ id }) => id === victim.nodeId)?.state !== "dead"
    );
  for (let waitedMs = 0; waitedMs < limitMs && unaware().length > 0; waitedMs += LOOK_MS) await clock.run(LOOK_MS);
  const names = unaware().map(({ name }) => name).join(", ");
  if (names !== "") {
    verdict.fail(`${names}: ${limitMs} ms after its crash do not know that ${victim.name} is dead`);
  }
}
