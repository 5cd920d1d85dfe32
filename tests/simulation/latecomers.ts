import { type Random, shuffled } from "../../src/base/mod.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import type { Simulation } from "./simulation.ts";

/** Servers that join one run while there is trouble, at most. */
export const LATECOMERS_MAX = 3;
/** How long a new server's links stay slow, in milliseconds: its first copy is under way when other things happen. */
const SLOW_MS_MAX = 20_000;
/** Peers that a new server is told of, beside the first. */
const PEERS_MAX = 2;

/**
 * Servers without any data that join while there is trouble: what was deleted, or let go, while they copy must not come to them, and
 * what they do not have yet must not count as deleted.
 */
export class Latecomers {
  readonly #simulation: Simulation;
  readonly #random: Random;
  /** When the next ones come, in virtual milliseconds, latest first. */
  readonly #dueMs: number[];

  /** @param durationMs how long there is trouble from now on */
  constructor(
    simulation: Simulation,
    { random, count, durationMs }: { random: Random; count: number; durationMs: number },
  ) {
    this.#simulation = simulation;
    this.#random = random;
    const nowMs = simulation.clock.monotonicMs();
    this.#dueMs = Array.from({ length: count }, () => nowMs + random.float() * durationMs).sort((a, b) => b - a);
  }

  /** When the next one comes, in virtual milliseconds; Infinity when all have. */
  get nextMs(): number {
    return this.#dueMs.at(-1) ?? Infinity;
  }

  /** Starts whoever is due. */
  async joinDue(): Promise<void> {
    while (this.nextMs <= this.#simulation.clock.monotonicMs()) {
      this.#dueMs.pop();
      await this.#join();
    }
  }

  async #join(): Promise<void> {
    const simulation = this.#simulation;
    // The first one stays where it is; others may have moved since, or be down.
    const [first, ...others] = simulation.servers;
    const known = shuffled(others, this.#random).slice(0, this.#random.below(PEERS_MAX + 1));
    const server = simulation.add({ peers: [first, ...known].map(({ address }) => address) });
    simulation.log.line("run", "info", "A new server joins", { server: server.name });
    if (this.#random.below(2) === 0) this.#slowDown(server);
    await simulation.start(server);
  }

  /** Its links carry little, and late, for a while. */
  #slowDown({ index }: SimulatedServer): void {
    const { weather, servers, clock } = this.#simulation;
    const condition = {
      ...weather.usual,
      delayMs: 50 + this.#random.below(400),
      jitterMs: this.#random.below(200),
      bytesPerSecond: 1_000 + this.#random.below(20_000),
    };
    const links = servers.filter((other) => other.index !== index)
      .flatMap((other): Array<[number, number]> => [[index, other.index], [other.index, index]]);
    clock.after(this.#random.float() * SLOW_MS_MAX, weather.spoil(links, condition));
  }
}
