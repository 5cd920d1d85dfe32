// Keeps the Cluster Info page up to date from server-sent events, touching only what changed.

import { setServerClock } from "./moments.js";

const frame = document.querySelector("[data-events]");
const body = document.querySelector("#servers");
const live = document.querySelector("#live");
const announcement = document.querySelector("#announce");

function elementOf(html, context) {
  const holder = document.createElement(context);
  holder.innerHTML = html;
  return holder.firstElementChild;
}

/** Says in words what changed, for those who cannot see a row turn red. */
function announce(changes) {
  if (changes.length > 0) announcement.textContent = changes.join(", ");
}

function show({ wallMs, order, rows, picture, summary }) {
  const changes = [];
  for (const [id, html] of Object.entries(rows)) {
    const row = elementOf(html, "tbody");
    const shown = document.getElementById(id);
    if (shown === null) {
      body.append(row);
      changes.push(`${row.dataset.name} is new, ${row.dataset.state}`);
      continue;
    }
    if (shown.dataset.state !== row.dataset.state) changes.push(`${row.dataset.name} is ${row.dataset.state}`);
    shown.replaceWith(row);
  }
  for (const row of [...body.children]) if (!order.includes(row.id)) row.remove();
  order.forEach((id, at) => {
    const row = document.getElementById(id);
    if (row !== null && body.children[at] !== row) body.insertBefore(row, body.children[at] ?? null);
  });
  if (picture !== undefined) document.querySelector("#picture").innerHTML = picture;
  if (summary !== undefined) document.querySelector("#summary").innerHTML = summary;
  setServerClock(wallMs);
  announce(changes);
}

const lookAgainMs = 3_000;
let events;

function connect() {
  events = new EventSource(frame.dataset.events);
  events.addEventListener("cluster", (event) => {
    live.textContent = "Live";
    show(JSON.parse(event.data));
  });
  // Signed out, or the permission is gone: the page says which.
  events.addEventListener("end", () => location.reload());
  events.addEventListener("error", () => {
    live.textContent = "Connection lost, trying again…";
    // A broken line is mended by the browser itself; after an answer that is no stream it gives up.
    if (events.readyState === EventSource.CLOSED) setTimeout(lookAgain, lookAgainMs);
  });
}

/** The server was restarting, or full: connects as soon as it shows this page again. */
async function lookAgain() {
  try {
    const answer = await fetch(location.href, { redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) return location.reload();
    if (answer.ok) return connect();
  } catch {
    // Nobody answers yet.
  }
  setTimeout(lookAgain, lookAgainMs);
}

connect();
addEventListener("pagehide", () => events.close());
addEventListener("pageshow", (event) => event.persisted && connect());
