// The search page, where there is script: what may come a moment later than the page. Without it, the page works as well.
"use strict";

const facets = document.querySelector(".facets[data-counts]");

// How many stories the articles of each value tell: asked for when a reader comes near, since it is much to count.
async function countStories() {
  const answer = await fetch(facets.dataset.counts);
  if (!answer.ok) return;
  for (const field of (await answer.json()).fields) {
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
