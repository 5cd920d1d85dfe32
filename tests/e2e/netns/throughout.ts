/** Often enough to see what a person would; short states are found in the logs. */
const LOOK_INTERVAL_MS = 250;

/**
 * Calls `check` again and again for `forMs`: it must hold at every look, the last of which comes at the end.
 *
 * @throws what `check` throws, with the time in front of it
 */
export async function throughout(what: string, forMs: number, check: () => Promise<void> | void): Promise<void> {
  const started = performance.now();
  for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs = performance.now() - started) {
    try {
      await check();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : cause;
      throw new Error(`${what}: not after ${Math.round(elapsedMs)} ms: ${reason}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_INTERVAL_MS, forMs - elapsedMs)));
  }
  await check();
}
