import { type Clock, type Logger, rateLimited, type RateLimitedLogger } from "../base/mod.ts";

/** Least time between two lines about one stranger, in ms. */
const LINE_PERIOD_MS = 30_000;

/** Most strangers that have a line of their own in that time; all others share one. */
const STRANGERS_LOGGED_MAX = 64;

/** The log for what strangers can provoke as often as they like: a flood of connections is no flood of lines. */
export function strangerLog(options: { readonly log: Logger; readonly clock: Clock }): RateLimitedLogger {
  return rateLimited(options.log, {
    perKeyMs: LINE_PERIOD_MS,
    clock: options.clock,
    keysMax: STRANGERS_LOGGED_MAX,
  });
}
