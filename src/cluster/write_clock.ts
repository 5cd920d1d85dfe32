/** Nobody takes a stamp of a server whose clock is further off than this, in milliseconds; its writes would be lost elsewhere. */
const CLOCK_OFF_MS_MAX = 30_000;

/** Receivers take stamps up to 60 s ahead of their own time; one second of it is for the way. */
const STAMPS_AHEAD_MS_MAX = 59_000;

/**
 * Why this server's clock forbids writing now; undefined when it does not.
 *
 * @param aheadMs how far the stamps given so far are ahead of the wall clock
 * @param offsetsMs the wall clocks of the other live servers, less ours, as far as they are known
 * @param serverCount servers whose clocks are known, this one included
 */
export function clockProblem(
  { aheadMs, offsetsMs, serverCount }: { aheadMs: number; offsetsMs: readonly number[]; serverCount: number },
): string | undefined {
  if (aheadMs > STAMPS_AHEAD_MS_MAX) {
    return `This server's clock was ${Math.round(aheadMs / 1_000)} s ahead before, and stamps cannot go back: ` +
      "it takes writes again when time has caught up; until then write at another server";
  }
  const far = offsetsMs.map(Math.abs).filter((offsetMs) => offsetMs > CLOCK_OFF_MS_MAX);
  if (far.length * 2 <= serverCount) return undefined;
  const seconds = Math.round(Math.max(...far) / 1_000);
  return `This server's clock is ${seconds} s off the majority of the servers: set it right`;
}

/** A server that was just started compares its clock with others before it gives stamps, for so long at most, in milliseconds. */
export const CLOCK_PATIENCE_MS = 1_000;
/** Clocks of others that are enough to compare with. */
const CLOCKS_NEEDED = 3;
/** Writes that wait for that; more are refused. */
const HELD_WRITES_MAX = 1_000;

/** Holds the writes of the first moments, until this server's clock was compared with others: a wrong one may have been the reason of the restart. */
export class FirstWrites<W> {
  #held: W[] = [];

  /** @param look milliseconds since the start, other live servers, and those of them whose clock is known */
  constructor(
    private readonly look: () => { readonly sinceStartMs: number; readonly others: number; readonly known: number },
  ) {}

  /** Whether `write` waits for {@link take}; undefined when too many do. */
  holds(write: W): boolean | undefined {
    if (!this.#isEarly()) return false;
    if (this.#held.length >= HELD_WRITES_MAX) return undefined;
    this.#held.push(write);
    return true;
  }

  /** All that have waited long enough, in their order. */
  take({ anyway }: { anyway: boolean }): W[] {
    if (this.#held.length === 0 || (!anyway && this.#isEarly())) return [];
    const taken = this.#held;
    this.#held = [];
    return taken;
  }

  #isEarly(): boolean {
    const { sinceStartMs, others, known } = this.look();
    return sinceStartMs < CLOCK_PATIENCE_MS && known < Math.min(others, CLOCKS_NEEDED);
  }
}
