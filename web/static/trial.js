// What a form would do, shown beside it while one types. Without this there is the button "Try".
"use strict";

for (const form of document.querySelectorAll("form[data-trial]")) {
  const into = document.getElementById(form.dataset.into);
  let timer = 0;
  let asking = null;

  async function ask() {
    asking?.abort();
    const mine = (asking = new AbortController());
    into.classList.add("busy");
    try {
      const answer = await fetch(`${form.dataset.trial}?${new URLSearchParams(new FormData(form))}`, { signal: mine.signal });
      if (answer.ok) into.innerHTML = await answer.text();
      into.classList.remove("busy");
    } catch (error) {
      if (!mine.signal.aborted) into.classList.remove("busy");
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 400);
  });
}
