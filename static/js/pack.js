// Pages of a pack: takes off what was taken back, says when the pack is old, looks for words, prints.

import { follow, isGone, isOld, isOver } from "./pack-recall.js";
import { found } from "./pack-search.js";

const field = document.querySelector("[data-find]");
const told = document.querySelector("[data-found]");
const entries = () => [...document.querySelectorAll("[data-entry]")];
const show = (name, wanted) => {
  for (const part of document.querySelectorAll(`[data-${name}]`)) part.hidden = !wanted;
};

function find() {
  const marks = found(field.value);
  let shown = 0;
  for (const entry of entries()) {
    entry.hidden = marks !== undefined && !marks.has(entry.dataset.entry);
    shown += !entry.hidden;
  }
  told.textContent = marks ? told.dataset.found.replace("{n}", shown) : "";
  show("found-nothing", marks !== undefined && shown === 0);
}

function takeOff() {
  for (const entry of entries()) if (isGone(entry.dataset.entry)) entry.remove();
  show("gone", entries().length === 0 && !isOver);
  if (field) find();
}

document.documentElement.dataset.js = "";
show("old", isOld && !isOver);
show("over", isOver);
if (field && isOver) field.form.hidden = true;
follow(takeOff);
field?.addEventListener("input", find);
field?.form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) print();
});
