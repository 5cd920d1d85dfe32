import { defaultMembershipConfig } from "../../src/cluster/mod.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import type { Simulation } from "./simulation.ts";
import type { TraceLine } from "./simulation_log.ts";
import type { Verdict } from "./verdict.ts";

/**
 * A server that has run so long with perfect links to everybody, in milliseconds, must not be taken for dead: longer than any
 * suspicion that began before.
 */
export const PERFECT_MS_MIN = 30_000;

/** How often incarnations and round-trip times are read, in milliseconds. */
const LOOK_MS = 3_000;

/** No suspicion ends in a death sooner than this, in milliseconds: the suspect must have time to answer (Lifeguard §IV-B). */
const SUSPICION_MS_MIN = defaultMembershipConfig.suspicionFactor * defaultMembershipConfig.probePeriodMs;

/**
 * Watches what servers believe of each other: no false deaths, none too soon, incarnations that only grow, round-trip
 * times that the links allow.
 */
export class MembershipWatch {
  readonly #simulation: Simulation;
  readonly #verdict: Verdict;
  readonly #incarnations = new Map<string, number>();
  readonly #awakeSinceMs = new Map<string, number>();
  /** When each server last began to suspect each other one. */
  readonly #suspectedMs = new Map<string, number>();
  /** Deaths that somebody has declared, as member and incarnation: who says so later may only have heard of it. */
  readonly #declared = new Set<string>();
  readonly #roundTripMsMin: number;
  #nextLookMs = 0;
  /** Deaths that were declared, rightly or not. */
  deaths = 0;
  /** Suspicions that a server came to believe. */
  suspicions = 0;

  /** @param delayMsMin of any link ever, one way, in milliseconds */
  constructor(simulation: Simulation, verdict: Verdict, delayMsMin: number) {
    this.#roundTripMsMin = 2 * delayMsMin - 0.001; // Averages are rounded.
    this.#simulation = simulation;
    this.#verdict = verdict;
    simulation.log.onLine((line) => this.#hear(line));
  }

  /** `server` has just woken from a pause. */
  woke(server: SimulatedServer): void {
    this.#awakeSinceMs.set(server.name, this.#simulation.clock.monotonicMs());
  }

  /** Looks at what everybody believes, at most every few seconds: it costs the square of their number. */
  look(): void {
    const nowMs = this.#simulation.clock.monotonicMs();
    if (nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + LOOK_MS;
    for (const server of this.#simulation.running) {
      for (const { id, incarnation, self, roundTripMs } of server.node!.status().members) {
        // Each process counts for itself: a server may forget what its disk had not taken yet, and is told by the others.
        const key = `${server.name} ${server.startedMs} ${id}`;
        const before = this.#incarnations.get(key) ?? -1;
        if (incarnation < before) {
          this.#verdict.fail(`${server.name} took the incarnation of ${id} back from ${before} to ${incarnation}`);
        }
        this.#incarnations.set(key, incarnation);
        if (!self && roundTripMs !== undefined && roundTripMs < this.#roundTripMsMin) {
          this.#verdict.fail(`${server.name} measured ${roundTripMs} ms to ${id} and back: no link is so fast`);
        }
      }
    }
  }

  #hear({ name, message, fields, atMs }: TraceLine): void {
    if (message !== "Member changed state") return;
    const member = String(fields.member);
    if (fields.state === "suspect") {
      this.suspicions++;
      this.#suspectedMs.set(`${name} ${member}`, atMs);
    }
    if (fields.state !== "dead") return;
    this.deaths++;
    this.#checkSuspicion(name, member, atMs);
    const dead = this.#simulation.servers.find(({ nodeId }) => nodeId === member);
    const observer = this.#simulation.running.find((server) => server.name === name);
    if (dead === undefined || observer === undefined) return;
    // Whoever has just started may know only where it was before it moved.
    if (dead.moves > 0 && !this.#isAwake(observer)) return;
    if (this.#mustBeSeen(dead)) {
      this.#verdict.fail(`${name} holds ${dead.name} for dead, which runs with perfect links to everybody`);
    } else if (this.#isAwake(dead) && this.#isAwake(observer) && this.#haveSeenEachOther(dead, observer)) {
      this.#verdict.fail(`${name} holds ${dead.name} for dead, to which it has a perfect link`);
    }
  }

  /** Whoever is first to say that a server is dead must have suspected it for long enough. */
  #checkSuspicion(name: string, member: string, atMs: number): void {
    const observer = this.#simulation.servers.find((server) => server.name === name);
    const seen = observer?.node?.status().members.find(({ id }) => id === member);
    if (seen === undefined) return;
    const death = `${member} ${seen.incarnation}`;
    if (this.#declared.has(death)) return;
    this.#declared.add(death);
    const suspectedMs = this.#suspectedMs.get(`${name} ${member}`);
    if (suspectedMs === undefined || atMs - suspectedMs >= SUSPICION_MS_MIN) return;
    this.#verdict.fail(`${name} declared ${member} dead after ${atMs - suspectedMs} ms of suspicion`);
  }

  /** It has run and could be reached by everybody for long enough. */
  #mustBeSeen(server: SimulatedServer): boolean {
    return this.#isAwake(server) &&
      this.#simulation.running.every((other) => other === server || this.#haveSeenEachOther(server, other));
  }

  /** It has run for long enough without a pause. */
  #isAwake({ name, node, gate, startedMs }: SimulatedServer): boolean {
    const sinceMs = this.#simulation.clock.monotonicMs() - PERFECT_MS_MIN;
    return node !== undefined && !gate.isPaused && startedMs <= sinceMs &&
      (this.#awakeSinceMs.get(name) ?? -Infinity) <= sinceMs;
  }

  /** The link between them has been perfect for long enough. */
  #haveSeenEachOther(a: SimulatedServer, b: SimulatedServer): boolean {
    const { clock, weather } = this.#simulation;
    return weather.perfectSinceMs(a.index, b.index) <= clock.monotonicMs() - PERFECT_MS_MIN;
  }
}
