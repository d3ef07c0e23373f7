// The picture chooser ([data-drop]): shows what was chosen, and refuses what the server would refuse before a single
// byte is sent. The file field itself lies over the tile, so a picture can be dropped on it without any code.

const TYPES = /\.(jpe?g|png|webp|gif|heic|heif|avif)$/i;

document.documentElement.dataset.js = "";

const parts = (drop) => ({ field: drop.querySelector("input"), box: drop.querySelector("[data-preview]") });

// "15 MB" as the page says it, in bytes.
const limit = (drop) => parseFloat(drop.dataset.size) * 1024 * 1024;

function problem(drop, file) {
  if (!TYPES.test(file.name) && !/^image\/(jpeg|png|webp|gif|heic|heif|avif)$/.test(file.type)) return drop.dataset.wrongType;
  return file.size > limit(drop) ? drop.dataset.tooBig : "";
}

function preview(drop, file) {
  const { box } = parts(drop);
  const picture = box.querySelector("img");
  if (picture.src) URL.revokeObjectURL(picture.src);
  drop.classList.toggle("drop--full", Boolean(file));
  box.hidden = !file;
  picture.hidden = true;
  if (!file) return picture.removeAttribute("src");
  box.querySelector("bdi").textContent = file.name;
  picture.onload = () => (picture.hidden = false); // some browsers cannot show HEIC: then the name alone is shown
  picture.src = URL.createObjectURL(file);
}

function show(drop) {
  drop.classList.add("drop--live");
  preview(drop, parts(drop).field.files[0]);
}

addEventListener("change", (event) => {
  const drop = event.target.closest?.("[data-drop]");
  if (!drop) return;
  const { field } = parts(drop);
  const wrong = field.files[0] ? problem(drop, field.files[0]) : "";
  if (wrong) field.value = "";
  preview(drop, field.files[0]);
  field.dispatchEvent(new CustomEvent("verdict", { bubbles: true, detail: wrong }));
});

for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  addEventListener(type, (event) => {
    event.target.closest?.("[data-drop]")?.classList.toggle("drop--over", type === "dragenter" || type === "dragover");
  });
}

const showAll = () => document.querySelectorAll("[data-drop]").forEach(show);
addEventListener("main:swapped", showAll);
showAll();
