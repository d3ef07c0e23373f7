// Asks, as soon as a picture is chosen in a form ([data-cover]), whether somebody can be recognised, with a brush beside the
// question. The picture in the form is replaced by the painted one before anything leaves the device.

import { shrunk } from "./shrink.js";

const WIDTH = 0.12; // of the picture: about a face

const boxOf = (field) => field.closest?.(".field")?.querySelector("[data-cover]");
const fileField = (box) => box.closest(".field").querySelector("[type=file]");
const part = (box, name) => box.querySelector(`[data-${name}]`);
const tell = (box, what) => (part(box, "told").textContent = what ? part(box, "told").dataset[what] : "");

function ask(box, asked) {
  part(box, "face").hidden = !asked;
  stop(box);
  tell(box, "");
}

function stop(box) {
  part(box, "painting").hidden = true;
  part(box, "paint").setAttribute("aria-expanded", "false");
}

async function paint(box) {
  const [{ draw, photo }, { listen }, { Work }] = await Promise.all([
    import("./maker-picture.js"), import("./maker-canvas.js"), import("./maker-work.js"),
  ]);
  await shrunk();
  const work = new Work();
  const canvas = box.querySelector("canvas").cloneNode(); // without those who listened before
  box.querySelector("canvas").replaceWith(canvas);
  const pen = () => ({ tool: "cover", color: "#1b2140", width: WIDTH });
  const hand = listen(canvas, work, { pen, say: (text) => (part(box, "told").textContent = text), show });
  function show() {
    draw(canvas, hand.stroke ? { ...work.now, strokes: [...work.now.strokes, hand.stroke] } : work.now);
    if (hand.cursor) ring(canvas, hand.cursor);
  }
  work.now = { ...work.now, base: await photo(fileField(box).files[0]) };
  box.work = work;
  box.show = show;
  part(box, "painting").hidden = false;
  part(box, "paint").setAttribute("aria-expanded", "true");
  show();
  canvas.focus({ preventScroll: true });
  canvas.scrollIntoView({ block: "center" });
}

function ring(canvas, [x, y]) {
  const context = canvas.getContext("2d");
  context.lineWidth = 5;
  context.strokeStyle = "#2743c9";
  context.beginPath();
  context.arc(x * canvas.width, y * canvas.height, (WIDTH * canvas.width) / 2, 0, 2 * Math.PI);
  context.stroke();
}

async function replace(box) {
  const { made } = await import("./maker-picture.js");
  const field = fileField(box);
  const chosen = new DataTransfer();
  chosen.items.add(await made(box.work.now));
  field.files = chosen.files;
  field.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: "made here" }));
  tell(box, "covered");
  field.focus();
}

const DOES = {
  paint: (box) => paint(box).catch(() => tell(box, "cannot")),
  nobody: (box) => ask(box, false),
  unpaint(box) {
    box.work.undo();
    box.show();
  },
  painted: replace,
};

addEventListener("click", (event) => {
  const box = event.target.closest?.("[data-cover]");
  if (!box) return;
  for (const [name, does] of Object.entries(DOES)) if (event.target.closest(`[data-${name}]`)) does(box);
});

// What was made on this page has been asked about there.
addEventListener("change", (event) => {
  const box = event.target.matches?.("[type=file]") && boxOf(event.target);
  if (box) ask(box, event.target.files.length > 0 && event.detail !== "made here");
});
