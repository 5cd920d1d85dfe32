import type { Clock } from "./clock.ts";
import type { Logger, LogLevel } from "./log.ts";

/** As {@link Logger}; `key` tells apart what is limited separately under one message: an address, a peer, a reason. */
export type RateLimitedLogger = {
  [Level in LogLevel]: (message: string, fields?: Readonly<Record<string, unknown>>, key?: string) => void;
};

/** Stands for all keys beyond the limit together, so that a flood of fresh keys is limited too. */
const OTHER_KEYS = "\0other";

interface Limit {
  quietUntilMs: number;
  suppressed: number;
}

/**
 * Passes one line for each level, message and key to `logger` in each `perKeyMs`; the next one carries how many were left
 * out between, as field `suppressed`. Remembers `keysMax` of them; when all of those are busy, further keys share one
 * limit for each message. For lines that strangers can cause.
 */
export function rateLimited(
  logger: Logger,
  { perKeyMs, clock, keysMax }: { perKeyMs: number; clock: Clock; keysMax: number },
): RateLimitedLogger {
  /** In the order of their last line, the oldest first: all have the same interval, so the first ones end first. */
  const limits = new Map<string, Limit>();

  function log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}, key = ""): void {
    const nowMs = clock.monotonicMs();
    const id = idWithin(`${level}\0${message}\0`, key, nowMs);
    const limit = limits.get(id) ?? { quietUntilMs: nowMs, suppressed: 0 };
    if (nowMs < limit.quietUntilMs) {
      limit.suppressed++;
      return;
    }
    const { suppressed } = limit;
    limits.delete(id);
    limits.set(id, { quietUntilMs: nowMs + perKeyMs, suppressed: 0 });
    logger[level](message, suppressed > 0 ? { ...fields, suppressed } : fields);
  }
  function idWithin(kind: string, key: string, nowMs: number): string {
    if (limits.has(kind + key) || limits.size < keysMax) return kind + key;
    for (const [id, { quietUntilMs }] of limits) {
      if (nowMs < quietUntilMs) break;
      limits.delete(id);
    }
    return limits.size < keysMax ? kind + key : kind + OTHER_KEYS;
  }
  return {
    debug: (message, fields, key) => log("debug", message, fields, key),
    info: (message, fields, key) => log("info", message, fields, key),
    warn: (message, fields, key) => log("warn", message, fields, key),
    error: (message, fields, key) => log("error", message, fields, key),
  };
}
