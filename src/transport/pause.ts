import type { Clock } from "../base/mod.ts";

/** Waits `delayMs`, or until `signal` aborts; resolves in either case. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      cancel();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal.addEventListener("abort", finish);
  });
}

const BACKOFF_FIRST_MS = 5;
/** A second: long enough to idle through a shortage of file descriptors, short enough to be back when it ends. */
const BACKOFF_LAST_MS = 1_000;

/**
 * Runs `step` again and again until `signal` aborts. Errors never end it: each is reported, and the wait after each in
 * a row doubles, so that an error that stays costs no processor.
 */
export async function keepRunning(
  options: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly step: () => Promise<void>;
    readonly failed: (error: unknown) => void;
  },
): Promise<void> {
  let failures = 0;
  while (!options.signal.aborted) {
    try {
      await options.step();
      failures = 0;
    } catch (error) {
      if (options.signal.aborted) return;
      if (failures === 0) options.failed(error);
      await pause(
        options.clock,
        Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures, 10)),
        options.signal,
      );
      failures++;
    }
  }
}
