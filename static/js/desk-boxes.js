// Boxes on a picture ([data-boxes]): drawn, moved and resized by mouse, finger or keys; the number fields below stay the
// truth. A box whose kind is not chosen is a proposal (dashed): Enter accepts it. And words take the kind that is chosen
// while they are ticked ([data-words]).

const STEP = 1; // percent of the picture for one stroke of an arrow key
const SMALLEST = 1.5; // percent; less is a click, not a box
const SIDES = ["x", "y", "width", "height"];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const root = document.querySelector("[data-boxes]");
let lastKind = "face";

const clamp = (value, most) => Math.min(Math.max(value, 0), Math.max(most, 0));
const field = (row, side) => row.querySelector(`[data-side=${side}]`);
const kindOf = (row) => row.querySelector("[data-kind]");
const read = (row) => SIDES.map((side) => parseFloat(field(row, side).value) || 0);
const isEmpty = (row) => SIDES.every((side) => field(row, side).value === "");

function start(rows, frame) {
  const boxes = new Map(); // row -> box

  function write(row, [x, y, width, height]) {
    [width, height] = [clamp(width, 100), clamp(height, 100)];
    const sides = [clamp(x, 100 - width), clamp(y, 100 - height), width, height];
    SIDES.forEach((side, index) => (field(row, side).value = sides[index].toFixed(1)));
    draw(row);
  }

  function draw(row) {
    row.hidden = isEmpty(row);
    if (row.hidden) return boxes.get(row)?.remove(), boxes.delete(row);
    const box = boxes.get(row) ?? made(row);
    const [x, y, width, height] = read(row);
    Object.assign(box.style, { left: `${x}%`, top: `${y}%`, width: `${width}%`, height: `${height}%` });
    const kind = kindOf(row);
    const name = root.dataset.label.replace("{n}", [...rows.children].indexOf(row) + 1);
    box.classList.toggle("box--proposed", !kind.value);
    box.setAttribute("aria-pressed", Boolean(kind.value));
    box.setAttribute("aria-label", `${name}: ${kind.selectedOptions[0].textContent}`);
    box.querySelector("span").textContent = [...rows.children].indexOf(row) + 1;
  }

  function made(row) {
    const box = document.createElement("button");
    box.type = "button";
    box.className = "box";
    box.setAttribute("aria-describedby", "boxes-hint");
    box.append(document.createElement("span"), document.createElement("i"));
    boxes.set(row, box);
    frame.append(box);
    return box;
  }

  // An empty row, or a copy of the last one with the next number.
  function fresh() {
    const free = [...rows.children].find(isEmpty);
    if (free || rows.children.length >= Number(root.dataset.most)) return free;
    const number = rows.children.length;
    const row = rows.lastElementChild.cloneNode(true);
    for (const input of row.querySelectorAll("[name]")) input.name = input.name.replace(/-\d+-/, `-${number}-`);
    for (const side of SIDES) field(row, side).value = "";
    row.querySelector("legend").textContent = root.dataset.label.replace("{n}", number + 1);
    rows.append(row);
    return row;
  }

  function accept(row, kind) {
    kindOf(row).value = kind;
    if (kind) lastKind = kind;
    draw(row);
  }

  function add(sides) {
    const row = fresh();
    if (!row) return undefined;
    write(row, sides);
    accept(row, lastKind);
    return row;
  }

  function remove(row) {
    for (const side of SIDES) field(row, side).value = "";
    kindOf(row).value = "";
    draw(row);
    (frame.querySelector(".box") ?? root.querySelector("[data-add]")).focus();
  }

  const rowOf = (box) => [...boxes].find(([, other]) => other === box)?.[0];

  function at(event) {
    const { left, top, width, height } = frame.querySelector("img").getBoundingClientRect();
    return [clamp(((event.clientX - left) / width) * 100, 100), clamp(((event.clientY - top) / height) * 100, 100)];
  }

  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const [px, py] = at(event);
    const box = event.target.closest(".box");
    let row = box && rowOf(box);
    const before = row && read(row);
    const resizes = event.target.matches("i");
    box?.focus();
    frame.setPointerCapture(event.pointerId);

    function move(moved) {
      const [mx, my] = at(moved);
      if (!box) {
        const sides = [Math.min(px, mx), Math.min(py, my), Math.abs(mx - px), Math.abs(my - py)];
        if (Math.min(sides[2], sides[3]) < SMALLEST) return;
        row ??= add(sides);
        if (row) write(row, sides);
      } else if (resizes) {
        const [x, y, width, height] = before;
        write(row, [x, y, clamp(Math.max(width + mx - px, SMALLEST), 100 - x), clamp(Math.max(height + my - py, SMALLEST), 100 - y)]);
      } else write(row, [before[0] + mx - px, before[1] + my - py, before[2], before[3]]);
    }

    function end() {
      frame.removeEventListener("pointermove", move);
      for (const type of ["pointerup", "pointercancel"]) frame.removeEventListener(type, end);
      if (row) boxes.get(row)?.focus();
    }

    frame.addEventListener("pointermove", move);
    for (const type of ["pointerup", "pointercancel"]) frame.addEventListener(type, end);
  });

  // Else the browser takes a quick stroke for a fling, and the next tap, on a reason or a button, for a hand that stops it.
  frame.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });

  frame.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const [x, y, width, height] = read(row);
    const [right, down] = (ARROWS[event.key] ?? [0, 0]).map((way) => way * STEP);
    if (event.key === "Delete" || event.key === "Backspace") remove(row);
    else if (event.key === "Enter" || event.key === " ") accept(row, kindOf(row).value ? "" : lastKind);
    else if (!ARROWS[event.key]) return;
    else if (event.shiftKey) write(row, [x, y, clamp(Math.max(width + right, SMALLEST), 100 - x), clamp(Math.max(height + down, SMALLEST), 100 - y)]);
    else write(row, [x + right, y + down, width, height]);
    event.preventDefault();
  });

  root.querySelector("[data-add]").addEventListener("click", () => {
    const row = add([40, 40, 20, 20]);
    if (row) boxes.get(row).focus();
  });
  rows.addEventListener("click", (event) => {
    if (event.target.closest("[data-remove]")) remove(event.target.closest("[data-row]"));
  });
  rows.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row]");
    if (event.target.matches("[data-kind]") && event.target.value) lastKind = event.target.value;
    draw(row);
  });
  [...rows.children].forEach(draw);
}

if (root) start(root.querySelector("ol"), root.querySelector("[data-frame]"));

document.querySelector("[data-words]")?.addEventListener("change", ({ target }) => {
  if (!target.matches("[type=checkbox]:not([data-found])")) return; // what was found has its kind
  target.value = target.value.split(":").slice(0, 3).join(":");
  if (target.checked) target.value += `:${document.querySelector("[name=words_kind]").value}`;
});
