// The search box while one types: what is wrong, how it is understood, how it may go on. Without this it works all the same.
"use strict";

const box = document.getElementById("q");
const options = document.createElement("ul");
const told = document.createElement("div");
let chosen = -1;
let offered = null; // {start, end, completions, to}, whose places count code points of the text `to`
let turn = 0;

options.id = "options";
options.setAttribute("role", "listbox");
options.setAttribute("aria-label", "Ways on");
options.hidden = true;
told.id = "told";
told.setAttribute("role", "status");
const panel = document.createElement("div");
panel.className = "panel";
panel.append(options, told);
box.closest("form").append(panel);
for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", "options"], ["aria-autocomplete", "list"]]) {
  box.setAttribute(name, value);
}

const later = (wait, what) => {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(what, wait); };
};
const points = (text) => [...text];

async function complete() {
  const mine = ++turn;
  const to = box.value;
  const at = points(to.slice(0, box.selectionStart)).length;
  const answer = await askApi(`/api/v1/complete?${new URLSearchParams({ q: to, at })}`);
  if (!answer?.ok || mine !== turn || document.activeElement !== box) return;
  offered = { ...answer.found, to };
  offer();
}

function offer() {
  chosen = -1;
  options.replaceChildren(...offered.completions.map((one, at) => {
    const row = document.createElement("li");
    row.id = `option-${at}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    const kind = document.createElement("span");
    kind.textContent = one.articles === null ? one.kind : `${one.kind} · ${one.articles.toLocaleString("en")}`;
    row.append(one.label, kind);
    row.addEventListener("pointerdown", (event) => { event.preventDefault(); take(at); });
    return row;
  }));
  open(offered.completions.length > 0);
}

function open(yes) {
  options.hidden = !yes;
  box.setAttribute("aria-expanded", String(yes));
  if (!yes) { chosen = -1; box.removeAttribute("aria-activedescendant"); }
}

function choose(step) {
  const rows = [...options.children];
  rows[chosen]?.setAttribute("aria-selected", "false");
  chosen = (chosen + step + rows.length + (chosen < 0 && step < 0 ? 1 : 0)) % rows.length;
  rows[chosen].setAttribute("aria-selected", "true");
  rows[chosen].scrollIntoView({ block: "nearest" });
  box.setAttribute("aria-activedescendant", rows[chosen].id);
}

// What was typed since may make it another place, until the next answer comes.
const isOffered = () => !options.hidden && offered.to === box.value;

function take(at) {
  if (!isOffered()) return;
  const query = points(box.value);
  const put = points(offered.completions[at].text);
  query.splice(offered.start, offered.end - offered.start, ...put);
  box.value = query.join("");
  const caret = query.slice(0, offered.start + put.length).join("").length;
  box.setSelectionRange(caret, caret);
  open(false);
  check();
  if (offered.completions[at].kind === "field") complete();
}

async function check() {
  const query = box.value.trim();
  const answer = await askApi(`/api/v1/check?${new URLSearchParams({ q: query })}`);
  if (!answer || query !== box.value.trim()) return;
  box.setAttribute("aria-invalid", String(!answer.ok));
  told.replaceChildren(...(answer.ok ? understood(answer.found) : fault(query, answer.found)));
}

function line(kind, ...parts) {
  const made = document.createElement("p");
  made.className = kind;
  made.append(...parts);
  return made;
}

function marked(query, position) {
  const text = points(query);
  const [code, mark] = [document.createElement("code"), document.createElement("mark")];
  mark.textContent = text[position] ?? " ";
  code.append(text.slice(0, position).join(""), mark, text.slice(position + 1).join(""));
  return code;
}

function understood(found) {
  const code = document.createElement("code");
  code.textContent = found.understood;
  const same = [found.query, `(${found.query})`].some((one) => one.toLowerCase() === found.understood.toLowerCase());
  const says = found.understood && !same ? [line("quiet", "Understood as ", code)] : [];
  return [...says, ...found.warnings.map((one) => line("warning", `${one.message} `, marked(found.query, one.position)))];
}

function fault(query, found) {
  return [line("fault", found.detail, " ", ...(Number.isInteger(found.position) ? [marked(query, found.position)] : []))];
}

const completeSoon = later(120, complete);
const checkSoon = later(250, check);
box.addEventListener("input", () => { completeSoon(); checkSoon(); });
box.addEventListener("blur", () => open(false));
box.addEventListener("keydown", (event) => {
  if (!isOffered()) {
    if (event.key === "ArrowDown" && event.altKey) { event.preventDefault(); complete(); }
    return;
  }
  const acts = {
    ArrowDown: () => choose(1),
    ArrowUp: () => choose(-1),
    Escape: () => open(false),
    Enter: chosen >= 0 && (() => take(chosen)),
    Tab: chosen >= 0 && (() => take(chosen)),
  };
  if (!acts[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  acts[event.key]();
});
