// "Probe now" on a camera's page: asks for a probe, then once a second what came of it.
document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-probe-now]");
  if (!button) return;
  const answer = document.getElementById("probe-answer");
  const patience = 120; // seconds

  const say = (words, colour) => {
    answer.textContent = words;
    answer.className = colour ? `probe-answer tone tone-${colour}` : "probe-answer";
  };
  const ask = async (address, options) => {
    const response = await fetch(address, { credentials: "same-origin", ...options });
    if (response.redirected) throw new Error(button.dataset.failed);
    const told = await response.json();
    if (!response.ok) throw new Error(told.problem);
    return told;
  };
  const show = (told) => {
    say(told.words, told.colour);
    const verdict = document.querySelector(".panel-verdict .tone");
    if (verdict) {
      verdict.textContent = told.verdict;
      verdict.className = `tone tone-${told.colour}`;
    }
    const picture = document.querySelector(".pictures .picture img");
    if (picture && told.picture) {
      picture.src = told.picture;
      picture.closest("a").href = told.picture;
    }
  };

  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
      const begun = await ask(button.dataset.probeNow, {
        method: "POST",
        headers: { "X-CSRFToken": token },
      });
      say(begun.words);
      const address = `${button.dataset.probeNow}?since=${encodeURIComponent(begun.since)}`;
      for (let second = 0; second < patience; second++) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const told = await ask(address);
        if (told.done) return show(told);
      }
      say(button.dataset.late);
    } catch (error) {
      say(error.message || button.dataset.failed, "danger");
    } finally {
      button.disabled = false;
      button.focus();
    }
  });
});
