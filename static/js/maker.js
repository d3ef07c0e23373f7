// The meme maker ([data-maker]): chooses, writes, draws and covers on the device, and puts the finished picture into the
// form below it. Nothing is kept and nothing leaves the device before the form is sent.

import { GROW, grow, listen, turn } from "./maker-canvas.js";
import { drawing } from "./maker-drawings.js";
import { draw, inPlace, letters, made, photo } from "./maker-picture.js";
import { Work } from "./maker-work.js";

const maker = document.querySelector("[data-maker]");
const $ = (selector) => maker.querySelector(selector);
const canvas = $("canvas");
const SIZE = 0.052; // of the picture's width, for new words

const work = new Work();
let about = ""; // the template's description, for the words of the picture
let reflected; // the layer whose colour the chips show

const say = (text) => ($("[data-heard]").textContent = text);
const tell = (text) => {
  $("[data-wrong]").hidden = !text;
  $("[data-wrong] p").textContent = text;
};
const picked = (name) => maker.querySelector(`[name="${name}"]:checked`).value;
const hand = listen(canvas, work, { pen, say, show });

function pen() {
  const tool = picked("maker-tool");
  const covers = tool === "cover";
  return { tool, color: covers ? "#1b2140" : picked("maker-color"), width: Number(picked("maker-brush")) * (covers ? 2 : 1) };
}

async function show() {
  await letters(work.now.layers.map((layer) => layer.text ?? "").join(" "));
  $("[data-do=undo]").setAttribute("aria-disabled", String(!work.past.length));
  $("[data-do=redo]").setAttribute("aria-disabled", String(!work.future.length));
  if (!work.now.base) return;
  if (work.layer?.color && work.layer !== reflected && picked("maker-tool") === "move")
    $(`[name=maker-color][value="${work.layer.color}"]`).checked = true;
  reflected = work.layer;
  draw(canvas, hand.stroke ? { ...work.now, strokes: [...work.now.strokes, hand.stroke] } : work.now);
  const context = canvas.getContext("2d");
  context.setLineDash([14, 10]);
  context.lineWidth = 5;
  context.strokeStyle = "#2743c9";
  if (hand.cursor) ring(context, ...hand.cursor, pen().width);
  else if (work.layer) inPlace(context, work.layer, ({ width, height }) => context.strokeRect(-width / 2, -height / 2, width, height));
  context.setLineDash([]);
}

function ring(context, x, y, width) {
  context.beginPath();
  context.arc(x * canvas.width, y * canvas.height, Math.max(12, (width * canvas.width) / 2), 0, 2 * Math.PI);
  context.stroke();
}

// After what changes which layers there are.
function settle() {
  list();
  show();
}

function list() {
  const rows = work.now.layers.map((layer, place) => {
    const row = $(`[data-place="${place}"]`) ?? $("template").content.firstElementChild.cloneNode(true);
    row.dataset.place = place;
    const field = row.querySelector("input");
    const said = layer.kind === "text" ? layer.text : layer.name;
    if (field.value !== said) field.value = said;
    field.readOnly = layer.kind !== "text";
    row.querySelector("[data-do=look]").hidden = layer.kind !== "text";
    for (const part of row.querySelectorAll("input, button")) part.ariaLabel = `${(part.dataset.says ??= part.ariaLabel ?? part.textContent)} ${place + 1}`;
    return row;
  });
  $("[data-layers]").replaceChildren(...rows);
}

const words = (x, y, width, text = "") => ({ kind: "text", text, x, y, width, size: SIZE, color: "#1b2140", look: "outline" });

async function useTemplate(field) {
  const image = await drawing(maker.dataset.sheet, field.value);
  about = field.dataset.about;
  const written = work.now.layers.filter((layer) => layer.kind === "text" && layer.text);
  const places = JSON.parse(field.dataset.places).map(([x, y, width], at) => words(x / 100, y / 100, width / 100, written[at]?.text));
  if (field.value === "plain-ink") places.forEach((layer) => (layer.color = "#fffdf8"));
  const stickers = work.now.layers.filter((layer) => layer.kind === "sticker");
  begin({ base: { image, width: 1200, height: 1200 }, layers: [...places, ...stickers] });
}

// An empty page and a pen.
async function drawByHand() {
  about = "";
  begin({ base: { image: await drawing(maker.dataset.sheet, "plain-light"), width: 1200, height: 1200 }, strokes: [], layers: [] });
  forgetTemplate();
  takeUp("brush");
}

function takeUp(tool) {
  $(`[name=maker-tool][value=${tool}]`).checked = true;
  canvas.scrollIntoView({ block: "center" });
  canvas.focus({ preventScroll: true });
}

const forgetTemplate = () => maker.querySelectorAll("[name=maker-template]").forEach((field) => (field.checked = false));

function begin(next) {
  work.change(next);
  tell("");
  $("[data-face]").hidden = true;
  $("[data-bench]").hidden = false;
  settle();
}

async function usePhoto(file) {
  try {
    const base = await photo(file);
    about = "";
    begin({ base, strokes: [], layers: work.now.layers.length ? work.now.layers : [words(0.5, 0.88, 0.9)] });
    forgetTemplate();
    $("[data-face]").hidden = false;
    $("[data-face]").focus();
  } catch {
    tell(maker.dataset.cannot);
  }
}

async function finish() {
  const form = document.querySelector("[data-upload]");
  const field = form.querySelector("[type=file]");
  const chosenFiles = new DataTransfer();
  chosenFiles.items.add(await made(work.now));
  field.files = chosenFiles.files;
  form.elements.made.value = "here";
  field.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: "made here" }));
  const written = work.now.layers.filter((layer) => layer.kind === "text" && layer.text.trim()).map((layer) => layer.text.trim());
  fill(form.elements.caption, written.join(" · "));
  fill(form.elements.alt, [about, ...written].filter(Boolean).join(" · "));
  say(maker.dataset.ready);
  form.scrollIntoView();
  field.focus({ preventScroll: true });
}

// What the child wrote in the form stays: only our own proposal is replaced by a newer one.
function fill(field, text) {
  if (field.value && field.value !== field.dataset.proposed) return;
  const most = Number(maker.dataset[`most${field.name}`]);
  field.value = field.dataset.proposed = text.slice(0, most);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function put(layer) {
  work.chosen = work.now.layers.length;
  work.change({ layers: [...work.now.layers, layer] });
  settle();
}

const DO = {
  undo: () => work.undo(),
  redo: () => work.redo(),
  add() {
    put(words(0.5, 0.5, 0.8));
    maker.querySelector(`[data-place="${work.chosen}"] input`).focus();
  },
  async sticker(button) {
    const image = await drawing(maker.dataset.sheet, `sticker-${button.value}`);
    put({ kind: "sticker", image, name: button.getAttribute("aria-label"), x: 0.5, y: 0.5, size: 0.25 });
    say(button.getAttribute("aria-label"));
  },
  bigger: () => grow(work, GROW),
  smaller: () => grow(work, 1 / GROW),
  turn: () => turn(work),
  look: () => work.edit({ look: { outline: "box", box: "plain", plain: "outline" }[work.layer.look] }),
  remove: () => work.remove(),
  draw: drawByHand,
  cover() {
    takeUp("cover");
    $("[data-face]").hidden = true;
  },
  nobody: () => ($("[data-face]").hidden = true),
  use: finish,
  erase() {
    work.erase();
    forgetTemplate();
    $("[data-bench]").hidden = true;
    canvas.width = canvas.width; // empties it
    say(maker.dataset.erased);
    $("[name=maker-template]").focus();
  },
};

const CHANGES_ROWS = ["undo", "redo", "remove", "erase"];

maker.addEventListener("click", (event) => {
  const row = event.target.closest("[data-place]");
  if (row) work.chosen = Number(row.dataset.place);
  const does = event.target.closest("[data-do]")?.dataset.do;
  if (does) DO[does](event.target.closest("[data-do]"));
  if (CHANGES_ROWS.includes(does)) list();
  if (does === "remove") (maker.querySelector("[data-place] input") ?? $("[data-do=add]")).focus();
  show();
});

canvas.addEventListener("keydown", (event) => event.key === "Delete" && list());

maker.addEventListener("keydown", (event) => {
  if (event.code !== "KeyZ" || !(event.ctrlKey || event.metaKey) || event.target.matches(".maker__layer input")) return;
  event.preventDefault();
  DO[event.shiftKey ? "redo" : "undo"]();
  settle();
});

maker.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-place]");
  if (!row) return;
  work.chosen = Number(row.dataset.place);
  $("[name=maker-tool][value=move]").checked = true; // words are moved, not painted over
  show();
});

// A word is one step back, not each of its letters.
maker.addEventListener("input", (event) => {
  const row = event.target.closest("[data-place]");
  if (!row) return;
  const { value } = event.target;
  work.edit({ text: value }, `words ${row.dataset.place} ${value.trim().split(/\s+/).length}`, Number(row.dataset.place));
  show();
});

maker.addEventListener("change", (event) => {
  if (event.target.name === "maker-template") useTemplate(event.target);
  if (event.target.name === "maker-color" && picked("maker-tool") === "move" && work.layer?.color) work.edit({ color: event.target.value });
  show();
  if (event.target.type === "file" && event.target.files[0]) usePhoto(event.target.files[0]);
});

settle();
