/** Nobody takes a stamp of a server whose clock is further off than this, in milliseconds; its writes would be lost elsewhere. */
const CLOCK_OFF_MS_MAX = 30_000;

/** Receivers take stamps up to 60 s ahead of their own time; one second of it is for the way. */
const STAMPS_AHEAD_MS_MAX = 59_000;

/**
 * Why this server's clock forbids writing now; undefined when it does not.
 *
 * @param aheadMs how far the stamps given so far are ahead of the wall clock
 * @param offsetsMs the wall clocks of the other live servers, less ours, as far as they are known
 * @param liveCount live servers, this one included
 */
export function clockProblem(
  { aheadMs, offsetsMs, liveCount }: { aheadMs: number; offsetsMs: readonly number[]; liveCount: number },
): string | undefined {
  if (aheadMs > STAMPS_AHEAD_MS_MAX) {
    return `This server's clock was ${Math.round(aheadMs / 1_000)} s ahead before, and stamps cannot go back: ` +
      "it takes writes again when time has caught up; until then write at another server";
  }
  const far = offsetsMs.map(Math.abs).filter((offsetMs) => offsetMs > CLOCK_OFF_MS_MAX);
  if (far.length * 2 <= liveCount) return undefined;
  const seconds = Math.round(Math.max(...far) / 1_000);
  return `This server's clock is ${seconds} s off the majority of the servers: set it right`;
}
