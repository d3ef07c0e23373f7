// Makes a large picture smaller before it travels: drawn anew at 1600 px, so that place, date and camera stay on the phone.
// What moves, what this browser cannot open, and what would not get smaller travels as it is; the server cleans it all.

import { bare } from "./webp.js";

const LONGEST = 1600; // px: the largest size that is ever shown
const SMALL = 400_000; // bytes: below it, and within LONGEST, nothing would be won
const QUALITY = 0.85;
const MOVES = /^GIF8|^RIFF....WEBPVP8X[^]*ANIM|^\x89PNG[^]*acTL|^....ftypavis/;

let work = Promise.resolve();

const encoded = (canvas, type) => new Promise((done) => canvas.toBlob(done, type, QUALITY));

async function moves(file) {
  const start = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  return MOVES.test(String.fromCharCode(...start));
}

async function smaller(file) {
  if (await moves(file)) return file;
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  if (scale === 1 && file.size <= SMALL) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const drawn = await bare(await encoded(canvas, "image/webp")); // a browser that cannot makes a PNG, which is larger as a rule
  return drawn && drawn.size < file.size ? new File([drawn], "picture", { type: drawn.type }) : file;
}

async function shrink(drop, field, file) {
  const made = await smaller(file).catch(() => file);
  if (made === file || field.files[0] !== file) return;
  const chosen = new DataTransfer();
  chosen.items.add(made);
  field.files = chosen.files;
  const said = drop.closest(".field").querySelector("[data-shrunk]");
  if (said) said.hidden = false;
}

addEventListener("change", (event) => {
  const drop = event.target.closest?.("[data-drop]");
  const said = drop?.closest(".field").querySelector("[data-shrunk]");
  if (said) said.hidden = true;
  const file = drop && event.target.files[0];
  if (file) work = shrink(drop, event.target, file);
});

/** Done with the picture that was chosen last. */
export const shrunk = () => work;
