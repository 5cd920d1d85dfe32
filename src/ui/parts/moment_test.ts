import assert from "node:assert/strict";
import { Moment, relativeTime } from "./moment.tsx";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

Deno.test("relativeTime() says the nearest unit, and never 24 hours or 60 minutes", () => {
  const cases: Array<[distanceMs: number, text: string]> = [
    [14 * DAY - 5 * SECOND, "in 14 days"],
    [DAY - HOUR / 4, "in 1 day"],
    [HOUR - 10 * SECOND, "in 1 hr."],
    [-59.6 * SECOND, "1 min. ago"],
    [-90 * SECOND - 1, "2 min. ago"],
    [-3 * SECOND, "3 sec. ago"],
    [-400, "now"],
  ];
  for (const [distanceMs, text] of cases) assert.equal(relativeTime({ atMs: distanceMs, nowMs: 0 }), text);
});

Deno.test("Moment shows what has happened as just now, where another server's clock puts it in the future", () => {
  const shown = (isPast: boolean) => String(Moment({ atMs: 120_000, nowMs: 0, isPast }));
  assert.match(shown(true), /data-moment="past">\s*just now\s*</);
  assert.match(shown(false), /data-moment="">\s*in 2 min\.\s*</);
});
