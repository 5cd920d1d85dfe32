/**
 * What every room may use: assertions, clocks, seeded randomness, the log, text that is safe to show, and bytes for a short time. A
 * closed list.
 */
export { assert, AssertionError } from "./assert.ts";
export { type CancelTimer, type Clock, systemClock } from "./clock.ts";
export { freshBytes, freshCopy } from "./fresh_bytes.ts";
export { configureLog, type Logger, logger, type LogLevel, silentLogger } from "./log.ts";
export { rateLimited, type RateLimitedLogger } from "./log_rate.ts";
export { printable } from "./printable.ts";
export { type Entropy, type Random, seededRandom, shuffled, systemEntropy } from "./random.ts";
