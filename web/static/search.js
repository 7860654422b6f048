// The search page, where there is script: what may come a moment later than the page. Without it, the page works as well.
"use strict";

const facets = document.querySelector(".facets[data-counts]");

// How many stories the articles of each value tell: asked for when a reader comes near, since it is much to count.
async function countStories() {
  const answer = await askApi(facets.dataset.counts);
  if (!answer?.ok) return;
  for (const field of answer.found.fields) {
    const stories = new Map(field.values.map((one) => [one.value, one.stories]));
    for (const row of facets.querySelectorAll(`[data-by="${field.by}"] tr[data-value]`)) {
      const number = stories.get(row.dataset.value);
      if (number !== undefined) row.querySelector(".number").title = number === 1 ? "1 story" : `${number.toLocaleString("en")} stories`;
    }
  }
}

if (facets) {
  for (const near of ["pointerenter", "focusin"]) facets.addEventListener(near, () => countStories(), { once: true });
}

// A day or a time without a zone is the reader's: it is sent as an instant, and shown as a time of the reader's again.
const DAY_OR_TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:?\d{2})$/;
const pad = (number) => String(number).padStart(2, "0");

function toInstant(text) {
  if (!DAY_OR_TIME.test(text)) return text;
  const then = new Date(text.length > 10 ? text.replace(" ", "T") : `${text}T00:00`);
  return Number.isNaN(then.valueOf()) ? text : then.toISOString().replace(/\.\d+Z$/, "Z");
}

function toLocal(text) {
  const then = INSTANT.test(text) ? new Date(text) : null;
  if (!then || Number.isNaN(then.valueOf())) return text;
  const day = `${then.getFullYear()}-${pad(then.getMonth() + 1)}-${pad(then.getDate())}`;
  return then.getHours() || then.getMinutes() ? `${day} ${pad(then.getHours())}:${pad(then.getMinutes())}` : day;
}

const period = document.querySelector(".period form");
if (period) {
  document.getElementById("zone").textContent = `in your time zone (${ZONE})`;
  const bounds = [period.elements.since, period.elements.until];
  for (const bound of bounds) bound.value = toLocal(bound.value);
  period.addEventListener("submit", () => {
    for (const bound of bounds) { bound.value = toInstant(bound.value.trim()); bound.disabled = !bound.value; }
  });
}
for (const bound of document.querySelectorAll(".bound")) bound.textContent = toLocal(bound.textContent);

// Drawn over the chart from one bar to another, a stretch is zoomed into. Bars are links; with the keyboard, so is the period's form.
const svg = document.querySelector(".chart svg");
let drawn = null; // {from, to, rect}: numbers of bars, and what shows them

function barAt(x) {
  const place = svg.getBoundingClientRect();
  const bars = svg.querySelectorAll("a").length;
  return Math.min(Math.max(Math.floor(((x - place.left) / place.width) * bars), 0), bars - 1);
}

function draw(to) {
  const bars = svg.querySelectorAll("a").length;
  const width = svg.viewBox.baseVal.width / bars;
  drawn.to = to;
  const [first, last] = [Math.min(drawn.from, to), Math.max(drawn.from, to)];
  drawn.rect.setAttribute("x", first * width);
  drawn.rect.setAttribute("width", (last - first + 1) * width);
}

function begin(event) {
  if (event.button !== 0) return;
  const rect = document.createElementNS(svg.namespaceURI, "rect");
  rect.setAttribute("class", "chosen");
  rect.setAttribute("height", svg.viewBox.baseVal.height);
  drawn = { from: barAt(event.clientX), to: barAt(event.clientX), rect };
}

function zoom() {
  const { from, to, rect } = drawn;
  drawn = null;
  rect.remove();
  if (from === to) return;
  svg.dataset.zoomed = "yes";
  const bars = [...svg.querySelectorAll("a")].map((bar) => new URL(bar.getAttribute("href"), location));
  const target = bars[Math.min(from, to)];
  target.searchParams.set("until", bars[Math.max(from, to)].searchParams.get("until"));
  location.assign(target);
}

if (svg) {
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", (event) => {
    if (!drawn) return;
    if (!drawn.rect.isConnected && barAt(event.clientX) !== drawn.from) svg.append(drawn.rect);
    draw(barAt(event.clientX));
  });
  document.addEventListener("pointerup", () => drawn && zoom());
  // A drag over several bars ends on one that is a link: that it is not followed, too.
  svg.addEventListener("click", (event) => { if (svg.dataset.zoomed) event.preventDefault(); }, true);
  document.addEventListener("pointercancel", () => { drawn?.rect.remove(); drawn = null; });
}
