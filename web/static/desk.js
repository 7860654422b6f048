// Keys of the desk: s stars the article that is at hand, t goes to its tags. The page works without this.
"use strict";

const STARS = { true: ["unstar", "★"], false: ["star", "☆"] };

// The star of the hit that was gone to, or of the article that is open.
function starAtHand() {
  return document.querySelector(".hit.at .star button") || document.querySelector(".desk .star button");
}

async function toggle(button) {
  const form = button.form;
  const sent = new URLSearchParams(new FormData(form));
  sent.set("do", button.value);
  const answer = await ask(form.action, { method: "POST", body: sent, redirect: "manual" });
  if (!answer) return say(AWAY);
  if (answer.type !== "opaqueredirect") return form.submit(); // shows what is wrong
  const starred = button.value === "star";
  [button.value, button.textContent] = STARS[starred];
  button.setAttribute("aria-pressed", starred);
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.star")) return;
  event.preventDefault();
  toggle(event.target.querySelector("button"));
});

keys.s = () => starAtHand()?.click();
keys.t = () => (document.getElementById("tag") || document.querySelector(".hit.at h2 a"))?.focus();
