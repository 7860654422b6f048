"use strict";
// A picture that can't be had leaves no empty frame behind.
const isPicture = (one) => one instanceof HTMLImageElement && one.matches(".thumb, .picture");
document.addEventListener("error", (event) => isPicture(event.target) && event.target.remove(), true);
for (const one of document.images) {
  if (isPicture(one) && one.complete && !one.naturalWidth && one.loading !== "lazy") one.remove();
}
