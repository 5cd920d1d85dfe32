import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Clock } from "./clock.ts";
import { type Logger, silentLogger } from "./log.ts";
import { rateLimited } from "./log_rate.ts";

const perKeyMs = 10_000;

Deno.test("rateLimited() lets one line through for each interval, and says how many it left out", () => {
  const { log, lines, clock } = limited({ keysMax: 10 });
  for (let i = 0; i < 5; i++) log.warn("Other key", { from: "a" });
  clock.nowMs += perKeyMs - 1;
  log.warn("Other key", { from: "a" });
  clock.nowMs += 1;
  log.warn("Other key", { from: "b" });
  clock.nowMs += perKeyMs;
  log.warn("Other key", { from: "c" });
  deepStrictEqual(lines, [["Other key", { from: "a" }], ["Other key", { from: "b", suppressed: 5 }], ["Other key", {
    from: "c",
  }]]);
});

Deno.test("rateLimited() limits messages and keys separately", () => {
  const { log, lines } = limited({ keysMax: 10 });
  for (let i = 0; i < 2; i++) {
    log.warn("Garbage received", {}, "10.0.0.1");
    log.warn("Garbage received", {}, "10.0.0.2");
    log.warn("Other key", {}, "10.0.0.1");
    log.warn("Other key");
  }
  strictEqual(lines.length, 4);
});

Deno.test("rateLimited() does not let a flood of fresh keys through, and recovers from it", () => {
  const { log, lines, clock } = limited({ keysMax: 10 });
  for (let i = 0; i < 1_000; i++) log.warn("Garbage received", {}, `10.0.${i >> 8}.${i & 255}`);
  strictEqual(lines.length, 11); // Ten keys, and one line for all others.
  clock.nowMs += perKeyMs;
  log.warn("Garbage received", {}, "10.9.9.9");
  strictEqual(lines.length, 12);
});

function limited({ keysMax }: { keysMax: number }) {
  const lines: unknown[] = [];
  const clock: Clock & { nowMs: number } = {
    nowMs: 0,
    wallMs: () => 0,
    monotonicMs: () => clock.nowMs,
    after: () => () => {},
  };
  const logger: Logger = { ...silentLogger, warn: (message, fields) => lines.push([message, fields]) };
  return { log: rateLimited(logger, { perKeyMs, clock, keysMax }), lines, clock };
}
