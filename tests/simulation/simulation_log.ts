import type { Logger } from "../../src/base/mod.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** What a line is worth, least first. `message` lines are the simulator's own: one for each message sent and received. */
export type TraceLevel = "message" | "debug" | "info" | "warn" | "error";

const LEVELS: readonly TraceLevel[] = ["message", "debug", "info", "warn", "error"];

/** Lines kept for a failure's report. */
const LINES_MAX = 400;

/** One line, not yet written out: most are never read. */
export interface TraceLine {
  readonly atMs: number;
  /** Name of the server, or of the part of the simulator that speaks. */
  readonly name: string;
  readonly level: TraceLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What the servers of a simulation logged, with virtual time: the trace of a failed run. */
export class SimulationLog {
  readonly #lines: TraceLine[] = [];
  readonly #listeners = new Set<(line: TraceLine) => void>();
  readonly #clock: VirtualClock;
  readonly #least: number;
  readonly #print: ((line: string) => void) | undefined;

  /** Keeps lines of `level` and above for {@link tail}; `print` also gets each as it comes. */
  constructor(
    clock: VirtualClock,
    { level = "debug", print }: { level?: TraceLevel; print?: (line: string) => void } = {},
  ) {
    this.#clock = clock;
    this.#least = LEVELS.indexOf(level);
    this.#print = print;
  }

  /** The logger of one server. */
  of(name: string): Logger {
    const at = (level: TraceLevel) => (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      this.line(name, level, message, fields);
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  }

  /** Writes one line. */
  line(name: string, level: TraceLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const line: TraceLine = { atMs: this.#clock.monotonicMs(), name, level, message, fields };
    for (const listener of this.#listeners) listener(line);
    if (LEVELS.indexOf(level) < this.#least) return;
    this.#print?.(written(line));
    this.#lines.push(line);
    if (this.#lines.length > LINES_MAX * 2) this.#lines.splice(0, LINES_MAX); // Shifting each time would cost more.
  }

  /** True when lines of `level` go anywhere. */
  takes(level: TraceLevel): boolean {
    return LEVELS.indexOf(level) >= this.#least;
  }

  /** Hears of every line, of whatever level, until the answer is called. */
  onLine(listener: (line: TraceLine) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The last lines. */
  tail(): string {
    return this.#lines.slice(-LINES_MAX).map(written).join("\n");
  }
}

/** `12.345 n3 INF Member found member=… state=alive` */
function written({ atMs, name, level, message, fields }: TraceLine): string {
  const values = Object.entries(fields).map(([key, value]) => `${key}=${value}`).join(" ");
  return `${(atMs / 1_000).toFixed(3)} ${name} ${level.slice(0, 3).toUpperCase()} ${message} ${values}`;
}
