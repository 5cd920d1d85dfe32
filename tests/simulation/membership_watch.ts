import type { SimulatedServer } from "./simulated_server.ts";
import type { Simulation } from "./simulation.ts";
import type { TraceLine } from "./simulation_log.ts";
import type { Verdict } from "./verdict.ts";

/**
 * A server that has run so long with perfect links to everybody, in milliseconds, must not be taken for dead: longer than any
 * suspicion that began before.
 */
const PERFECT_MS_MIN = 30_000;

/** How often incarnations are read, in milliseconds. */
const LOOK_MS = 1_000;

/** Watches what servers believe of each other: no false deaths, incarnations that only grow. */
export class MembershipWatch {
  readonly #simulation: Simulation;
  readonly #verdict: Verdict;
  readonly #incarnations = new Map<string, number>();
  readonly #awakeSinceMs = new Map<string, number>();
  #nextLookMs = 0;
  /** Deaths that were declared, rightly or not. */
  deaths = 0;
  /** Suspicions that a server came to believe. */
  suspicions = 0;

  constructor(simulation: Simulation, verdict: Verdict) {
    this.#simulation = simulation;
    this.#verdict = verdict;
    simulation.log.onLine((line) => this.#hear(line));
  }

  /** `server` has just woken from a pause. */
  woke(server: SimulatedServer): void {
    this.#awakeSinceMs.set(server.name, this.#simulation.clock.monotonicMs());
  }

  /** Looks at what everybody believes, at most once a second. */
  look(): void {
    const nowMs = this.#simulation.clock.monotonicMs();
    if (nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + LOOK_MS;
    for (const server of this.#simulation.running) {
      for (const { id, incarnation, self } of server.node!.status().members) {
        // Each process counts for itself: a server may forget what its disk had not taken yet.
        const key = self ? `own ${id}` : `${server.name} ${server.startedMs} ${id}`;
        const before = this.#incarnations.get(key) ?? -1;
        if (incarnation < before) {
          this.#verdict.fail(`${server.name} took the incarnation of ${id} back from ${before} to ${incarnation}`);
        }
        this.#incarnations.set(key, incarnation);
      }
    }
  }

  #hear({ name, message, fields }: TraceLine): void {
    if (message !== "Member changed state") return;
    if (fields.state === "suspect") this.suspicions++;
    if (fields.state !== "dead") return;
    this.deaths++;
    const dead = this.#simulation.servers.find(({ nodeId }) => nodeId === fields.member);
    if (dead === undefined || !this.#mustBeSeen(dead)) return;
    this.#verdict.fail(`${name} holds ${dead.name} for dead, which runs with perfect links to everybody`);
  }

  /** It has run and could be reached by everybody for long enough. */
  #mustBeSeen(server: SimulatedServer): boolean {
    const { clock, weather, running } = this.#simulation;
    const sinceMs = clock.monotonicMs() - PERFECT_MS_MIN;
    if (server.node === undefined || server.gate.isPaused || server.startedMs > sinceMs) return false;
    if ((this.#awakeSinceMs.get(server.name) ?? -Infinity) > sinceMs) return false;
    return running.every(({ index }) =>
      index === server.index || weather.perfectSinceMs(server.index, index) <= sinceMs
    );
  }
}
