// While a child types in a [data-guard] form, or on a meme above it: a gentle word beside the field, with a button that puts […] in the place of
// what could tell who somebody is, and one that takes it back. Stops nobody, sends nothing, keeps nothing. The rules come
// with the first letter; with them the page has told what there is to tell, and the server does not say it again.

const PAUSE = 700; // ms after the last letter
const NEVER_COVERED = new Set(["danger", "distress", "insult"]);
const FIELDS = "[name=text], [name=caption], [name=alt], [data-place] input:not([readonly])"; // the last: words on a meme

const answered = new Set(); // the findings that were answered with "continue": the same words are not asked about twice
let timer;
let guard;

async function load(address) {
  const [{ Guard }, answer] = await Promise.all([import("./guard.js"), fetch(address)]);
  if (!answer.ok) throw new Error(answer.status);
  return new Guard(await answer.json());
}

const piece = (field, { start, end }) => field.value.slice(start, end);
const name = (field, finding) => `${finding.kind} ${piece(field, finding)}`;
const place = (field) => (field.closest("[data-place]") ?? field.form).querySelector(`[data-warned="${field.name}"]`);
const copy = (template) => document.querySelector(`template[${template}]`).content.cloneNode(true);

function unanswered(field) {
  return guard.find(field.value).filter((finding) => !answered.has(name(field, finding)));
}

function quote(text) {
  const quoted = document.createElement("q");
  quoted.dir = "auto";
  quoted.textContent = text;
  return quoted;
}

function look(field) {
  const found = unanswered(field);
  const said = found.map((finding) => name(field, finding)).join("\n");
  const box = place(field);
  if (box.said === said) return;
  box.said = said;
  box.replaceChildren();
  if (found.length) box.append(warning(field, found));
}

function warning(field, found) {
  const words = copy("data-warn");
  for (const line of words.querySelectorAll("[data-kinds]")) {
    const meant = found.filter(({ kind }) => line.dataset.kinds.split(" ").includes(kind));
    if (!meant.length) line.remove();
    const pieces = new Set(meant.map((finding) => piece(field, finding)));
    line.querySelector("[data-said]")?.append(...[...pieces].flatMap((text) => [quote(text), " "]));
  }
  const fix = words.querySelector("[data-fix]");
  if (found.every(({ kind }) => NEVER_COVERED.has(kind))) fix.remove();
  fix.addEventListener("click", () => cover(field));
  words.querySelector("[data-continue]").addEventListener("click", () => accept(field));
  return words;
}

function accept(field) {
  unanswered(field).forEach((finding) => answered.add(name(field, finding)));
  document.querySelectorAll(FIELDS).forEach(look);
  field.focus();
}

function write(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  look(field);
  field.focus();
}

function cover(field) {
  const before = field.value;
  let text = before;
  for (const { kind, start, end } of unanswered(field).reverse())
    if (!NEVER_COVERED.has(kind)) text = `${text.slice(0, start)}[…]${text.slice(end)}`;
  write(field, text);
  const done = copy("data-warn-fixed");
  done.querySelector("[data-undo]").addEventListener("click", () => {
    write(field, before);
    accept(field);
  });
  place(field).append(done);
}

async function lookAtAll(form) {
  try {
    guard ??= await load(form.dataset.guard);
  } catch {
    return; // a weak network: the server says it, once
  }
  document.querySelectorAll(FIELDS).forEach(look);
  form.elements.told.value = "yes";
}

addEventListener("input", (event) => {
  const form = document.querySelector("form[data-guard]");
  if (!form || !event.target.matches(FIELDS)) return;
  clearTimeout(timer);
  timer = setTimeout(() => form.isConnected && lookAtAll(form), PAUSE);
});

// What the server has said gets its buttons.
addEventListener("main:swapped", () => {
  const form = document.querySelector("form[data-guard]:has(.warning)");
  if (form) lookAtAll(form);
});
