// While the server looks through a file, ask it how far it is. Without this script the page works.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const page = form.closest(".registry-import");
  const token = form.elements.token && form.elements.token.value;
  const shown = form.querySelector(".registry-progress");
  if (!page || !token || !shown) return;
  const bar = shown.querySelector("progress");
  const words = shown.querySelector("[data-words]");
  const address = page.dataset.progress.replace("00000000-0000-0000-0000-000000000000", token);
  shown.hidden = false;
  for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
  const ask = async () => {
    try {
      const { done, total } = await (await fetch(address, { cache: "no-store" })).json();
      if (total) {
        bar.max = total;
        bar.value = done;
        words.textContent = `${done.toLocaleString("id")} / ${total.toLocaleString("id")} ${words.dataset.words}`;
      }
    } catch { /* the next answer will do */ }
    setTimeout(ask, 700);
  };
  setTimeout(ask, 300);
});
// A chosen file is checked at once: checking writes nothing.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.type === "file" && field.files.length && field.closest(".registry-import")) field.form.requestSubmit();
});
// Coming back by the browser's own button finds the buttons as they were.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll(".registry-import button[disabled]")) button.disabled = false;
});
