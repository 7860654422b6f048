// Keys for daily use, and times in the reader's zone. The page works without this.
"use strict";

// The list may grow while it is read, so it is looked at anew each time.
function move(step) {
  const hits = [...document.querySelectorAll(".hit")];
  if (!hits.length) return;
  const before = document.querySelector(".hit.at");
  const at = Math.min(Math.max((before ? hits.indexOf(before) : -1) + step, 0), hits.length - 1);
  before?.classList.remove("at");
  hits[at].classList.add("at");
  hits[at].querySelector("h2 a, h3 a").focus();
}

const help = document.getElementById("keys");

// A word that goes by itself, for what has no other place to show.
function say(text) {
  const said = document.createElement("p");
  said.className = "said";
  said.setAttribute("role", "status");
  document.body.append(said);
  said.textContent = text;
  setTimeout(() => said.remove(), 4000);
}

// The site's answer, or null where there is none: wirewatch has stopped, the network is away, the page is being left.
async function ask(address, options) {
  try {
    const answer = await fetch(address, options);
    return { ok: answer.ok, type: answer.type, text: await answer.text() };
  } catch {
    return null;
  }
}

// The same of the API: null, too, where something on the way answered in its place.
async function askApi(address) {
  const answer = await ask(address);
  try {
    return answer && { ok: answer.ok, found: JSON.parse(answer.text) };
  } catch {
    return null;
  }
}

const AWAY = "wirewatch does not answer. Is it still running?";

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied.");
  } catch {
    say("The browser does not let the link be copied.");
  }
}

const keys = {
  "/": () => document.getElementById("q")?.select(),
  j: () => move(1),
  k: () => move(-1),
  y: copyLink,
  "?": () => help?.showModal(),
  o: () => document.querySelector(".hit.at :is(h2, h3) a")?.click(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (typing && event.key === "Escape") event.target.blur();
  if (typing || help?.open || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
});

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const WEEK = 7 * 86400;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
function showTimes(root = document) {
  for (const time of root.querySelectorAll(".by time")) {
    const then = new Date(time.dateTime);
    const seconds = (then - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) || ["minute", 60];
    time.title = absolute.format(then);
    time.textContent = Math.abs(seconds) < WEEK ? relative.format(Math.trunc(seconds / size), unit) : absolute.format(then);
  }
  // Elsewhere the moment itself matters. A day alone stays a day.
  for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
    if (time.closest(".by") || !/\d:\d\d/.test(time.textContent)) continue;
    time.title = time.textContent;
    time.textContent = absolute.format(new Date(time.dateTime));
  }
}

// The chart's days begin when the reader's do: the server makes it, so it is told the zone.
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.cookie = `zone=${ZONE}; path=/; max-age=31536000; SameSite=Strict`;
showTimes();
setInterval(showTimes, 60000, document);
