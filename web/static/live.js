// New hits while the page is open: counted, and taken in when the reader asks for it. Alerts are shown, and heard if wanted.
"use strict";

const list = document.querySelector(".hits[data-after]");
const taking = document.getElementById("new");
const fresh = new Map(); // id -> place: hits that are not in the list yet
let taken = null; // those of them that are on their way into it
let last = list.dataset.after;
let source = null;
const title = document.title;

function view() {
  const asked = new URLSearchParams(location.search);
  for (const name of ["page", "sort", "stack"]) asked.delete(name);
  return asked;
}

function count() {
  taking.hidden = fresh.size === 0;
  taking.querySelector("span").textContent = `${fresh.size.toLocaleString("en")} new`;
  document.title = fresh.size ? `(${fresh.size}) ${title}` : title;
}

function hear(event) {
  last = event.lastEventId || last;
  const { id } = JSON.parse(event.data).article;
  if (document.querySelector(`.hit[data-id="${CSS.escape(id)}"]`)) return;
  fresh.set(id, event.lastEventId);
  count();
}

// What is read stays where it is on the screen: the page is scrolled by as much as it grows above. Hits that come while others
// are on their way stay new, and so do those beyond a hundred.
async function takeIn() {
  if (!fresh.size || taken) return;
  taken = [...fresh.keys()].slice(0, 100);
  const asked = view();
  asked.set("ids", taken.join(","));
  const answer = await ask(`/hits?${asked}`);
  if (answer?.ok) for (const id of taken) fresh.delete(id);
  taken = null;
  if (!answer?.ok) return say(AWAY);
  const rows = new DOMParser().parseFromString(answer.text, "text/html").querySelectorAll(".hit");
  const read = [...list.querySelectorAll(".hit")].find((hit) => hit.getBoundingClientRect().bottom > 0);
  const before = read?.getBoundingClientRect().top;
  for (const row of rows) row.classList.add("fresh");
  showTimes(rows[0]?.ownerDocument);
  list.prepend(...rows);
  count();
  if (read) scrollBy(0, read.getBoundingClientRect().top - before);
}

function listen() {
  source?.close();
  const asked = view();
  asked.set("after", last);
  source = new EventSource(`/api/v1/events?${asked}`);
  source.addEventListener("hit", hear);
  source.addEventListener("alert", (event) => { last = event.lastEventId || last; alerted(JSON.parse(event.data)); });
  source.addEventListener("missed", () => { document.getElementById("missed").hidden = false; });
  source.addEventListener("error", () => { if (source?.readyState === EventSource.CLOSED) setTimeout(listen, 30000); });
}

// A browser has six connections to a site. A page in sight has one; of the others, three.
const SLOTS = 3;

function holdSlot(slot) {
  return new Promise((held) => {
    if (!navigator.locks || slot === SLOTS) { held(false); return; }
    navigator.locks.request(`wirewatch-events-${slot}`, { ifAvailable: true }, (lock) => {
      if (!lock) { holdSlot(slot + 1).then(held); return undefined; }
      held(true);
      return new Promise((seen) => document.addEventListener("visibilitychange", seen, { once: true }));
    }).catch(() => held(false));
  });
}

async function seen() {
  if (document.visibilityState === "visible") { if (!source) listen(); return; }
  if (await holdSlot(0) || document.visibilityState === "visible") return;
  source?.close();
  source = null;
}

const alerts = document.getElementById("alerted");
const sound = document.getElementById("sound");
const SOUND = "wirewatch-sound";
let audio = null;

function alerted(firing) {
  const about = firing.hit?.article;
  const line = document.createElement("li");
  const text = document.createElement(about ? "a" : "span");
  text.textContent = about?.title || firing.source_news?.reason || firing.reason;
  if (about) text.href = `/article/${encodeURIComponent(about.id)}`;
  line.append(`${firing.alert}: `, text);
  alerts.prepend(line);
  if (!firing.held) ring();
}

// Two short tones, made here: nothing is loaded.
function ring() {
  if (!sound.checked || !audio) return;
  [660, 880].forEach((pitch, turn) => {
    const start = audio.currentTime + turn * 0.18;
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const loudness = new GainNode(audio, { gain: 0 });
    loudness.gain.setValueAtTime(0.15, start);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.16);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.17);
  });
}

// Browsers let a page sound only after its reader has done something on it.
function allowSound() {
  if (sound.checked) { audio ??= new AudioContext(); audio.resume().catch(() => {}); } // without a device it stays silent
}

sound.checked = localStorage.getItem(SOUND) === "on";
sound.addEventListener("change", () => {
  localStorage.setItem(SOUND, sound.checked ? "on" : "off");
  allowSound();
  ring();
});
for (const done of ["keydown", "pointerdown"]) document.addEventListener(done, allowSound);

sound.parentElement.hidden = false;
taking.addEventListener("click", takeIn);
keys.n = takeIn;
document.addEventListener("visibilitychange", seen);
addEventListener("pagehide", () => { source?.close(); source = null; });
addEventListener("pageshow", seen);
