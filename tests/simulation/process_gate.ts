import type { CancelTimer, Clock } from "../../src/base/mod.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** What the system's socket buffer holds for a process that does not read, in bytes: Linux's `net.core.rmem_default`. */
const SOCKET_BUFFER_BYTES_MAX = 212_992;

interface Waiting {
  readonly what: "timer" | "input";
  readonly run: () => void;
}

/**
 * Everything that reaches one process passes here: timers, packets, streams, its disk's answers. While the process is paused
 * (SIGSTOP, a sleeping virtual machine) it all waits, datagrams in a bounded buffer; when it wakes, it handles what
 * waited, each in a turn of its own. When the process is dead, nothing passes any more.
 */
export class ProcessGate {
  #waiting: Waiting[] = [];
  #packetBytes = 0;
  #state: "open" | "paused" | "waking" | "closed" = "open";

  constructor(private readonly clock: VirtualClock) {}

  get isPaused(): boolean {
    return this.#state === "paused";
  }

  /** The process stops at once, wherever it is. */
  pause(): void {
    if (this.#state !== "closed") this.#state = "paused";
  }

  /** The process goes on. Which of timers and input it sees first is its runtime's choice: `timersFirst`. */
  wake({ timersFirst }: { timersFirst: boolean }): void {
    if (this.#state !== "paused") return;
    const timers = this.#waiting.filter(({ what }) => what === "timer");
    const input = this.#waiting.filter(({ what }) => what === "input");
    this.#waiting = timersFirst ? [...timers, ...input] : [...input, ...timers];
    this.#packetBytes = 0;
    this.#state = "waking";
    this.#next();
  }

  /** The process is dead. */
  close(): void {
    this.#state = "closed";
    this.#waiting = [];
  }

  /** Runs `run` as soon as the process takes it. */
  enter(what: Waiting["what"], run: () => void): void {
    if (this.#state === "open") run();
    else if (this.#state !== "closed") this.#waiting.push({ what, run });
  }

  /** As {@link enter}, for a datagram of `bytes`: lost when the socket's buffer is full. */
  packet(bytes: number, run: () => void): void {
    if (this.#state === "paused") {
      if (this.#packetBytes + bytes > SOCKET_BUFFER_BYTES_MAX) return;
      this.#packetBytes += bytes;
    }
    this.enter("input", run);
  }

  #next(): void {
    this.clock.after(0, () => {
      if (this.#state !== "waking") return;
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#state = "open";
        return;
      }
      next.run();
      this.clock.settleSoon();
      this.#next();
    });
  }
}

/** Time as one process sees it: its machine's wall clock may be off, and its timers wait while it is paused. */
export function processClock(clock: VirtualClock, gate: ProcessGate, skewMs: () => number): Clock {
  return {
    wallMs: () => clock.wallMs() + skewMs(),
    monotonicMs: () => clock.monotonicMs(),
    after(delayMs, callback): CancelTimer {
      let cancelled = false;
      const cancel = clock.after(delayMs, () =>
        gate.enter("timer", () => {
          if (!cancelled) callback();
        }));
      return () => {
        cancelled = true;
        cancel();
      };
    },
  };
}
