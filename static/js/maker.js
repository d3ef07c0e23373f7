// The meme maker ([data-maker]): chooses, writes, draws and covers on the device, and puts the finished picture into the
// form below it. Nothing is kept and nothing leaves the device before the form is sent.

import { draw, extent, letters, made, photo } from "./maker-picture.js";

const maker = document.querySelector("[data-maker]");
const $ = (selector) => maker.querySelector(selector);
const canvas = $("canvas");
const STEP = 0.02; // of the picture, for an arrow key
const SIZE = 0.052; // of the picture's width, for new words

let past = [];
let future = [];
let now = { base: null, strokes: [], layers: [] };
let chosen = 0; // place of the chosen layer
let stroke = null;
let held = null;
let about = ""; // the template's description, for the words of the picture

const say = (text) => ($("[data-heard]").textContent = text);
const picked = (name) => maker.querySelector(`[name="${name}"]:checked`).value;

async function show() {
  await letters(now.layers.map((layer) => layer.text ?? "").join(" "));
  if (!now.base) return;
  draw(canvas, stroke ? { ...now, strokes: [...now.strokes, stroke] } : now);
  frame();
}

function frame() {
  const layer = now.layers[chosen];
  if (!layer) return;
  const context = canvas.getContext("2d");
  const box = extent(context, layer);
  context.save();
  context.setLineDash([14, 10]);
  context.lineWidth = 5;
  context.strokeStyle = "#2743c9";
  context.strokeRect(box.x - box.width / 2, box.y - box.height / 2, box.width, box.height);
  context.restore();
}

function change(next, { rows = true } = {}) {
  past.push(now);
  future = [];
  now = { ...now, ...next };
  settle(rows);
}

function settle(rows = true) {
  chosen = Math.min(chosen, Math.max(0, now.layers.length - 1));
  $("[data-do=undo]").setAttribute("aria-disabled", String(!past.length));
  $("[data-do=redo]").setAttribute("aria-disabled", String(!future.length));
  if (rows) list();
  show();
}

function list() {
  $("[data-layers]").replaceChildren(
    ...now.layers.map((layer, place) => {
      const row = $("template").content.firstElementChild.cloneNode(true);
      row.dataset.place = place;
      const field = row.querySelector("input");
      field.value = layer.kind === "text" ? layer.text : layer.name;
      field.readOnly = layer.kind !== "text";
      row.querySelectorAll("[data-text-only]").forEach((part) => (part.hidden = layer.kind !== "text"));
      return row;
    }),
  );
}

function edit(place, given, options) {
  change({ layers: now.layers.map((layer, at) => (at === place ? { ...layer, ...given } : layer)) }, options);
}

const words = (x, y, width, text = "") => ({ kind: "text", text, x, y, width, size: SIZE, color: "#1b2140", look: "outline" });
const limit = (value, low, high) => Math.min(high, Math.max(low, value));

function loaded(address) {
  const image = new Image(360, 360);
  image.src = address;
  return image.decode().then(() => image);
}

async function useTemplate(field) {
  const image = await loaded(field.dataset.image);
  about = field.dataset.about;
  const written = now.layers.filter((layer) => layer.kind === "text" && layer.text);
  const places = JSON.parse(field.dataset.places).map(([x, y, width], at) => words(x / 100, y / 100, width / 100, written[at]?.text));
  if (field.value === "plain-ink") places.forEach((layer) => (layer.color = "#fffdf8"));
  change({ base: { image, width: 1200, height: 1200 }, layers: [...places, ...now.layers.filter((layer) => layer.kind === "sticker")] });
  $("[data-bench]").hidden = false;
}

async function usePhoto(file) {
  try {
    const base = await photo(file);
    about = "";
    change({ base, strokes: [], layers: now.layers.length ? now.layers : [words(0.5, 0.88, 0.9)] });
    maker.querySelectorAll("[name=maker-template]").forEach((field) => (field.checked = false));
    $("[data-bench]").hidden = false;
  } catch {
    say(maker.dataset.cannot);
  }
}

async function finish() {
  const form = document.querySelector("[data-upload]");
  const field = form.querySelector("[type=file]");
  const chosenFiles = new DataTransfer();
  chosenFiles.items.add(await made(now));
  field.files = chosenFiles.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  const written = now.layers.filter((layer) => layer.kind === "text" && layer.text.trim()).map((layer) => layer.text.trim());
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

const DO = {
  undo: () => past.length && (future.push(now), (now = past.pop()), settle()),
  redo: () => future.length && (past.push(now), (now = future.pop()), settle()),
  add() {
    chosen = now.layers.length;
    change({ layers: [...now.layers, words(0.5, 0.5, 0.8)] });
    maker.querySelector(`[data-place="${chosen}"] input`).focus();
  },
  async sticker(button) {
    const image = await loaded(button.dataset.image);
    chosen = now.layers.length;
    change({ layers: [...now.layers, { kind: "sticker", image, name: button.getAttribute("aria-label"), x: 0.5, y: 0.5, size: 0.25 }] });
    say(button.getAttribute("aria-label"));
  },
  bigger: () => resize(1.15),
  smaller: () => resize(1 / 1.15),
  look: () => edit(chosen, { look: { outline: "box", box: "plain", plain: "outline" }[now.layers[chosen].look] }, { rows: false }),
  tint: () => edit(chosen, { color: picked("maker-color") }, { rows: false }),
  remove() {
    change({ layers: now.layers.filter((_, at) => at !== chosen) });
    (maker.querySelector("[data-place] input") ?? $("[data-do=add]")).focus();
  },
  use: finish,
  erase() {
    past = [];
    future = [];
    now = { base: null, strokes: [], layers: [] };
    maker.querySelectorAll("[name=maker-template]").forEach((field) => (field.checked = false));
    $("[data-bench]").hidden = true;
    $("[data-layers]").replaceChildren();
    canvas.width = canvas.width; // empties it
    say(maker.dataset.erased);
    $("[name=maker-template]").focus();
  },
};

function resize(by) {
  const layer = now.layers[chosen];
  if (layer) edit(chosen, { size: limit(layer.size * by, 0.02, 0.8) }, { rows: false });
}

maker.addEventListener("click", (event) => {
  const row = event.target.closest("[data-place]");
  if (row) chosen = Number(row.dataset.place);
  const button = event.target.closest("[data-do]");
  if (button) DO[button.dataset.do](button);
});

maker.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-place]");
  if (!row) return;
  chosen = Number(row.dataset.place);
  show();
});

maker.addEventListener("input", (event) => {
  const row = event.target.closest("[data-place]");
  if (row) edit(Number(row.dataset.place), { text: event.target.value }, { rows: false });
});

maker.addEventListener("change", (event) => {
  if (event.target.name === "maker-template") useTemplate(event.target);
  if (event.target.type === "file" && event.target.files[0]) usePhoto(event.target.files[0]);
});

canvas.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const layer = now.layers[chosen];
  if (event.key === "Delete" && layer) DO.remove();
  else if ((event.key === "+" || event.key === "-") && layer) resize(event.key === "+" ? 1.15 : 1 / 1.15);
  else if (way && layer) edit(chosen, { x: limit(layer.x + way[0] * STEP, 0, 1), y: limit(layer.y + way[1] * STEP, 0, 1) }, { rows: false });
  else return;
  event.preventDefault();
});

function place(event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

function under([x, y]) {
  const context = canvas.getContext("2d");
  return now.layers.findLastIndex((layer) => {
    const box = extent(context, layer);
    return Math.abs(x * canvas.width - box.x) < box.width / 2 && Math.abs(y * canvas.height - box.y) < box.height / 2;
  });
}

canvas.addEventListener("pointerdown", (event) => {
  if (!now.base) return;
  const [x, y] = place(event);
  const tool = picked("maker-tool");
  canvas.setPointerCapture(event.pointerId);
  if (tool !== "move") {
    const width = Number(picked("maker-brush")) * (tool === "cover" ? 2 : 1);
    stroke = { tool, color: tool === "cover" ? "#1b2140" : picked("maker-color"), width, points: [[x, y]] };
    return show();
  }
  const at = under([x, y]);
  if (at < 0) return;
  chosen = at;
  held = { before: now, x: x - now.layers[at].x, y: y - now.layers[at].y };
  show();
});

canvas.addEventListener("pointermove", (event) => {
  const [x, y] = place(event);
  if (stroke) stroke.points.push([x, y]);
  else if (held) {
    const moved = { x: limit(x - held.x, 0, 1), y: limit(y - held.y, 0, 1) };
    now = { ...now, layers: now.layers.map((layer, at) => (at === chosen ? { ...layer, ...moved } : layer)) };
  } else return;
  show();
});

for (const type of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(type, () => {
    const drawn = stroke;
    stroke = null;
    if (drawn) change({ strokes: [...now.strokes, drawn] }, { rows: false });
    else if (held && held.before !== now) {
      past.push(held.before);
      future = [];
      settle(false);
    }
    held = null;
  });
}

settle();
