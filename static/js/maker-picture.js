// A meme as a plain value, and how it is drawn on a canvas. Nothing here knows the page.
// { base: {image, width, height}, strokes: [{tool, color, width, points}], layers: [{kind, text | image, x, y, size, angle, ...}] }
// Places and sizes are shares of the picture's width or height, so that they hold for any picture.

import { bare } from "./webp.js";

const LONGEST = 1600; // px: the largest side that is ever shown
const FONTS = '"Cairo", "Noto Sans Arabic", sans-serif';
const LINE = 1.35; // of the letters' size: room for Arabic marks
const INK = "#1b2140";
const LIGHT = "#fffdf8";

/** The picture of a phone, upright and at most 1600 px; only its pixels are kept. */
export async function photo(file) {
  const read = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(read.width, read.height));
  const image = document.createElement("canvas");
  image.width = Math.max(1, Math.round(read.width * scale));
  image.height = Math.max(1, Math.round(read.height * scale));
  image.getContext("2d").drawImage(read, 0, 0, image.width, image.height);
  read.close();
  return { image, width: image.width, height: image.height };
}

/** The side the words begin at: that of the first letter that has one. */
export function direction(text) {
  const letter = /[\u0591-\u08ff\ufb1d-\ufefc]|\p{L}/u.exec(text)?.[0];
  return letter && /[\u0591-\u08ff\ufb1d-\ufefc]/.test(letter) ? "rtl" : "ltr";
}

/** Wait for the letters, or they would be drawn in another font. */
export const letters = (text) => Promise.all([document.fonts.load(`800 40px Cairo`, text), document.fonts.load(`40px "Noto Sans Arabic"`, text)]);

function lines(context, text, room) {
  return text.split("\n").flatMap((part) => {
    const made = [];
    let line = "";
    for (const word of part.split(/\s+/)) {
      const longer = line ? `${line} ${word}` : word;
      if (line && context.measureText(longer).width > room) {
        made.push(line);
        line = word;
      } else line = longer;
    }
    return [...made, line];
  });
}

function setType(context, layer) {
  context.font = `800 ${layer.size * context.canvas.width}px ${FONTS}`;
  context.direction = direction(layer.text);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
}

/** The rectangle of a layer in pixels: {x, y, width, height}, middle based. */
export function extent(context, layer) {
  const { width, height } = context.canvas;
  const size = layer.size * width;
  if (layer.kind === "sticker") return { x: layer.x * width, y: layer.y * height, width: size, height: size };
  setType(context, layer);
  const parts = lines(context, layer.text || " ", layer.width * width);
  const widest = Math.max(size, ...parts.map((part) => context.measureText(part).width));
  return { x: layer.x * width, y: layer.y * height, width: widest + size * 0.6, height: parts.length * size * LINE, parts };
}

function drawWords(context, layer, box) {
  const size = layer.size * context.canvas.width;
  const other = layer.color === INK ? LIGHT : INK;
  if (layer.look === "box") {
    context.fillStyle = other;
    context.beginPath();
    context.roundRect(-box.width / 2, -box.height / 2, box.width, box.height, size * 0.3);
    context.fill();
  }
  box.parts.forEach((part, row) => {
    const y = (row - (box.parts.length - 1) / 2) * size * LINE;
    if (layer.look === "outline") {
      context.strokeStyle = other;
      context.lineWidth = size * 0.18;
      context.strokeText(part, 0, y);
    }
    context.fillStyle = layer.color;
    context.fillText(part, 0, y);
  });
}

function drawStroke(context, stroke) {
  const { width, height } = context.canvas;
  context.globalCompositeOperation = stroke.tool === "eraser" ? "destination-out" : "source-over";
  context.strokeStyle = stroke.color;
  context.lineWidth = stroke.width * width;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  stroke.points.forEach(([x, y]) => context.lineTo(x * width, y * height));
  if (stroke.points.length === 1) context.lineTo(stroke.points[0][0] * width + 0.1, stroke.points[0][1] * height);
  context.stroke();
}

/** Draw with the middle of a layer as the origin, turned as it is. `paint` gets the layer's rectangle. */
export function inPlace(context, layer, paint) {
  const box = extent(context, layer);
  context.save();
  context.translate(box.x, box.y);
  context.rotate(layer.angle ?? 0);
  paint(box);
  context.restore();
}

/** Draw everything, from the back to the front. What a cover lies on is not in the canvas any more. */
export function draw(canvas, { base, strokes, layers }) {
  if (canvas.width !== base.width || canvas.height !== base.height) Object.assign(canvas, { width: base.width, height: base.height });
  const context = canvas.getContext("2d");
  context.fillStyle = LIGHT;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(base.image, 0, 0, canvas.width, canvas.height);
  const drawing = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  strokes.filter((stroke) => stroke.tool !== "cover").forEach((stroke) => drawStroke(drawing, stroke));
  context.drawImage(drawing.canvas, 0, 0);
  strokes.filter((stroke) => stroke.tool === "cover").forEach((stroke) => drawStroke(context, stroke));
  for (const layer of layers) {
    inPlace(context, layer, (box) => {
      if (layer.kind === "sticker") context.drawImage(layer.image, -box.width / 2, -box.height / 2, box.width, box.height);
      else if (layer.text.trim()) drawWords(context, layer, box);
    });
  }
}

/** The finished picture as a file: drawn pixels only, so nothing of place, date or camera. */
export async function made(picture) {
  const canvas = document.createElement("canvas");
  draw(canvas, picture);
  const encoded = (type) => new Promise((done) => canvas.toBlob(done, type, 0.9));
  const webp = await bare(await encoded("image/webp"));
  const blob = webp?.type === "image/webp" ? webp : await encoded("image/jpeg"); // browsers that cannot would make a large PNG
  return new File([blob], blob.type === "image/webp" ? "meme.webp" : "meme.jpg", { type: blob.type });
}
