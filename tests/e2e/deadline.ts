/** Between two looks at something that another process is about to do: short beside what is measured with it. */
const POLL_INTERVAL_MS = 10;

/** Thrown by a check for which there is nothing left to wait for. */
export class Hopeless extends Error {
  override readonly name = "Hopeless";
}

/**
 * Calls `check` until it returns something other than `undefined` or `false`, and returns that.
 *
 * @throws {Error} after `withinMs`, naming `what` and the last thing `check` threw
 * @throws {Hopeless} at once when `check` does
 */
export async function until<T>(
  what: string,
  withinMs: number,
  check: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = performance.now() + withinMs;
  let last: unknown;
  do {
    try {
      const result = await check();
      if (result !== undefined && result !== false) return result;
      last = undefined;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  } while (performance.now() < end);
  throw new Error(`${what}: not within ${withinMs} ms${last instanceof Error ? ` (${last.message})` : ""}`);
}

/** Runs `task` and says how long it took. */
export async function timed<T>(task: () => Promise<T>): Promise<{ result: T; elapsedMs: number }> {
  const started = performance.now();
  const result = await task();
  return { result, elapsedMs: Math.round(performance.now() - started) };
}
