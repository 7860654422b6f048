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
