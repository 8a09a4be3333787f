// The wall of pictures: fetches itself anew every so many seconds, and keeps the focus where it was.
document.addEventListener("DOMContentLoaded", () => {
  const wall = document.querySelector("[data-refresh-seconds]");
  if (!wall) return;
  const pause = document.querySelector("[data-wall-pause]");
  const state = document.getElementById("wall-state");
  let paused = false;

  const refresh = async () => {
    if (paused || document.hidden) return;
    const address = new URL(location.href);
    address.searchParams.set("fragment", "1");
    try {
      const response = await fetch(address, { credentials: "same-origin" });
      if (!response.ok || response.redirected) throw new Error();
      const focused = wall.contains(document.activeElement)
        ? document.activeElement.getAttribute("href")
        : null;
      wall.innerHTML = await response.text();
      if (focused) wall.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
      state.textContent = "";
      state.className = "";
    } catch {
      state.textContent = wall.dataset.failed;
      state.className = "tone tone-danger";
    }
  };
  setInterval(refresh, Number(wall.dataset.refreshSeconds) * 1000);
  document.addEventListener("visibilitychange", refresh);
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? pause.dataset.go : pause.dataset.stop;
    refresh();
  });
});
