// Keeps relative times ("3 sec. ago") ticking, against the server's clock as it stood when the page was made.

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" });
const steps = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1_000]];

/** So much of a unit counts as one, as on the server. */
const NEARLY = 0.975;

/** Same words as the server's. */
export function relativeTime(atMs, nowMs) {
  for (const [unit, lengthMs] of steps) {
    if (Math.abs(atMs - nowMs) >= NEARLY * lengthMs) {
      return relative.format(Math.round((atMs - nowMs) / lengthMs), unit);
    }
  }
  return "now";
}

let clockOffsetMs = 0;

/** Tells what the server's clock shows now, so that a wrong clock here does not show in the times. */
export function setServerClock(wallMs) {
  clockOffsetMs = wallMs - Date.now();
  tick();
}

function tick() {
  const nowMs = Date.now() + clockOffsetMs;
  for (const moment of document.querySelectorAll("time[data-moment]")) {
    const atMs = Date.parse(moment.dateTime);
    // What has happened is not in the future, whatever another server's clock says.
    const isEarly = moment.dataset.moment === "past" && atMs > nowMs;
    const text = isEarly ? "just now" : relativeTime(atMs, nowMs);
    if (moment.textContent !== text) moment.textContent = text;
  }
}

setInterval(tick, 1_000);
