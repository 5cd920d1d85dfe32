import type { TraceLine } from "./simulation_log.ts";
import type { Verdict } from "./verdict.ts";

/** Errors that faults of ours explain. */
const EXPLAINED: readonly string[] = [
  "Cannot commit to the database",
  "The database refuses writes: reads go on, and it is tried again",
];

/** Warnings that only a peer with a fault of its own, or an attacker, may cause; here there is neither. */
const UNEXPLAINED: readonly RegExp[] = [
  /malformed/i,
  /^Rejected traffic/,
  /Another server runs with this/,
  /different data set/,
];

/** Whether a line tells of a bug: an error, or a warning about peers that are all of our own making. */
export function watchLine({ name, level, message, fields }: TraceLine, verdict: Verdict): void {
  const isError = level === "error" && !EXPLAINED.includes(message);
  const isWarning = level === "warn" && UNEXPLAINED.some((pattern) => pattern.test(message));
  if (isError || isWarning) verdict.fail(`${name} logged: ${message} ${JSON.stringify(fields)}`);
}
