// What fingers, mouse and keys do on the picture: choose, move, resize and turn layers; draw, rub out and cover.

import { extent } from "./maker-picture.js";

const STEP = 0.02; // of the picture, for an arrow key
const TURN = Math.PI / 12; // for one stroke of R
export const GROW = 1.15; // for one stroke of + or -
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const limit = (value, low, high) => Math.min(high, Math.max(low, value));
const sized = (value) => limit(value, 0.02, 0.8);

export const grow = (work, by) => work.layer && work.edit({ size: sized(work.layer.size * by) }, `size ${work.chosen}`);
export const turn = (work, by = TURN) => work.layer && work.edit({ angle: (work.layer.angle ?? 0) + by }, `turn ${work.chosen}`);

function under(canvas, layers, [x, y]) {
  const context = canvas.getContext("2d");
  return layers.findLastIndex((layer) => {
    const box = extent(context, layer);
    const [right, down] = [x * canvas.width - box.x, y * canvas.height - box.y];
    const [cos, sin] = [Math.cos(layer.angle ?? 0), Math.sin(layer.angle ?? 0)];
    return Math.abs(right * cos + down * sin) < box.width / 2 && Math.abs(down * cos - right * sin) < box.height / 2;
  });
}

/** Listen on `canvas`. `pen()` is what is chosen: {tool, color, width}; `say` tells those who do not see; `show` draws. */
export function listen(canvas, work, { pen, say, show }) {
  const fingers = new Map(); // pointer -> place
  let gesture = 0; // one more for each grip, so that each is undone by itself
  let grip = null; // where the fingers and the layer were when it began
  const state = { stroke: null, cursor: null };

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  function spread() {
    const [[x, y], [x2, y2] = [x, y]] = fingers.values();
    const [right, down] = [(x2 - x) * canvas.width, (y2 - y) * canvas.height];
    return { x: (x + x2) / 2, y: (y + y2) / 2, length: Math.hypot(right, down), angle: Math.atan2(down, right) };
  }

  function grab() {
    grip = fingers.size && work.layer ? { ...spread(), layer: work.layer, name: `grip ${++gesture}` } : null;
  }

  function drag() {
    const { x, y, length, angle } = spread();
    const moved = { x: limit(grip.layer.x + x - grip.x, 0, 1), y: limit(grip.layer.y + y - grip.y, 0, 1) };
    const pinched = grip.length && length && { size: sized((grip.layer.size * length) / grip.length), angle: (grip.layer.angle ?? 0) + angle - grip.angle };
    work.edit({ ...moved, ...pinched }, grip.name);
  }

  function keep() {
    const { stroke } = state;
    state.stroke = null;
    if (stroke) work.change({ strokes: [...work.now.strokes, stroke] });
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (!work.now.base) return;
    const at = place(event);
    const { tool, ...look } = pen();
    state.cursor = null;
    if (tool !== "move") {
      if (fingers.size) return;
      state.stroke = { tool, ...look, points: [at] };
    } else if (!fingers.size) {
      const found = under(canvas, work.now.layers, at);
      if (found < 0) return;
      work.chosen = found;
    }
    fingers.set(event.pointerId, at);
    canvas.setPointerCapture(event.pointerId);
    if (!state.stroke) grab();
    show();
  });

  canvas.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, place(event));
    if (state.stroke) state.stroke.points.push(place(event));
    else if (grip) drag();
    show();
  });

  for (const type of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(type, (event) => {
      if (!fingers.delete(event.pointerId)) return;
      if (state.stroke) keep();
      else grab();
      show();
    });
  }

  function moveLayer(key, way, back) {
    if (way) work.edit({ x: limit(work.layer.x + way[0] * STEP, 0, 1), y: limit(work.layer.y + way[1] * STEP, 0, 1) }, `nudge ${work.chosen}`);
    else if (key === "+" || key === "-") grow(work, key === "+" ? GROW : 1 / GROW);
    else if (key === "KeyR") turn(work, back ? -TURN : TURN);
    else if (key === "Delete") work.remove();
    else return false;
    return true;
  }

  function movePen(key, way) {
    const [x, y] = (state.cursor ??= [0.5, 0.5]);
    if (way) {
      state.cursor = [limit(x + way[0] * STEP, 0, 1), limit(y + way[1] * STEP, 0, 1)];
      state.stroke?.points.push(state.cursor);
    } else if (key === " " || key === "Enter") {
      if (state.stroke) keep();
      else state.stroke = { ...pen(), points: [state.cursor] };
      say(canvas.dataset[state.stroke ? "draws" : "lifted"]);
    } else return false;
    return true;
  }

  canvas.addEventListener("keydown", (event) => {
    if (!work.now.base || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.code === "KeyR" ? event.code : event.key;
    const moves = pen().tool === "move";
    if (moves ? work.layer && moveLayer(key, ARROWS[key], event.shiftKey) : movePen(key, ARROWS[key])) {
      event.preventDefault();
      show();
    }
  });

  canvas.addEventListener("blur", () => {
    keep();
    state.cursor = null;
    show();
  });

  return state;
}
