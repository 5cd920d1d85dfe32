// Looks again every two seconds; when the server is ready, opens what was asked for.

const pauseMs = 2_000;

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.status !== 503 || answer.redirected) return location.reload();
    const loaded = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#tried");
    const shown = document.querySelector("#tried");
    if (loaded !== null && loaded.innerHTML !== shown.innerHTML) shown.replaceChildren(...loaded.childNodes);
  } catch {
    // The server is restarting: look again.
  }
  setTimeout(look, pauseMs);
}

setTimeout(look, pauseMs);
