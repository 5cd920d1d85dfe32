import type { Logger } from "../../src/base/mod.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** Lines kept for a failure's report. */
const LINES_MAX = 400;

/** What the servers of a simulation logged, with virtual time: the trace of a failed run. */
export class SimulationLog {
  readonly #lines: string[] = [];

  constructor(private readonly clock: VirtualClock) {}

  of(name: string): Logger {
    const line = (level: string) => (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      const values = Object.entries(fields).map(([key, value]) => `${key}=${value}`).join(" ");
      this.#lines.push(`${(this.clock.monotonicMs() / 1_000).toFixed(3)} ${name} ${level} ${message} ${values}`);
      if (this.#lines.length > LINES_MAX) this.#lines.shift();
    };
    return { debug: line("DBG"), info: line("INF"), warn: line("WRN"), error: line("ERR") };
  }

  /** The last lines. */
  tail(): string {
    return this.#lines.join("\n");
  }
}
