// What a form would do, shown beside it while one types. Without this there is the button "Try".
"use strict";

for (const form of document.querySelectorAll("form[data-trial]")) {
  const into = document.getElementById(form.dataset.into);
  let timer = 0;
  let asking = null;

  async function tryOut() {
    asking?.abort();
    const mine = (asking = new AbortController());
    into.classList.add("busy");
    const answer = await ask(`${form.dataset.trial}?${new URLSearchParams(new FormData(form))}`, { signal: mine.signal });
    if (mine.signal.aborted) return;
    if (answer?.ok) into.innerHTML = answer.text;
    into.classList.remove("busy");
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(tryOut, 400);
  });
}
