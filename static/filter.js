// Searches a list while typing: loads the page that the form would load, and takes its results.

const pauseMs = 200;

for (const form of document.querySelectorAll("form[data-filter]")) {
  let timer;
  let latest = 0;
  const search = async () => {
    const turn = ++latest;
    const url = new URL(form.action);
    url.search = new URLSearchParams(new FormData(form)).toString();
    let answer;
    try {
      answer = await fetch(url, { headers: { Accept: "text/html" } });
    } catch {
      return; // Offline: the button still works once the line is back.
    }
    if (turn !== latest) return;
    if (!answer.ok || answer.redirected) return location.assign(url);
    const loaded = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== latest) return;
    const results = loaded.querySelector("#results");
    if (results === null) return location.assign(url);
    document.querySelector("#results").replaceChildren(...results.childNodes);
    // Its text is changed in place: a status that is replaced whole is not read out.
    document.querySelector("#count").textContent = loaded.querySelector("#count").textContent;
    history.replaceState(null, "", url);
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, pauseMs);
  });
}
