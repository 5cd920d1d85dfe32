import type { FC } from "hono/jsx";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" });

const STEPS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1_000]] as const;

/** So much of a unit counts as one: rounding would else speak of 24 hours or 60 minutes. */
const NEARLY = 0.975;

/** `atMs` as seen from `nowMs`, both milliseconds since the Unix epoch: "3 min. ago", "in 2 days", to the nearest unit; "now" within a second. */
export function relativeTime({ atMs, nowMs }: { atMs: number; nowMs: number }): string {
  const distanceMs = atMs - nowMs;
  for (const [unit, lengthMs] of STEPS) {
    if (Math.abs(distanceMs) >= NEARLY * lengthMs) return relative.format(Math.round(distanceMs / lengthMs), unit);
  }
  return "now";
}

/** A point in time, relative, with the exact one as title; `isPast`: has happened, whatever another server's clock says. The small script `moments.js` keeps it ticking. */
export const Moment: FC<{ atMs: number | undefined; nowMs: number; never?: string; isPast?: boolean }> = (
  { atMs, nowMs, never = "–", isPast = false },
) => {
  if (atMs === undefined || !Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15) {
    return <span class="quiet">{never}</span>;
  }
  const exact = new Date(atMs).toISOString();
  return (
    <time datetime={exact} title={`${exact.slice(0, 19).replace("T", " ")} UTC`} data-moment={isPast ? "past" : ""}>
      {isPast && atMs > nowMs ? "just now" : relativeTime({ atMs, nowMs })}
    </time>
  );
};
