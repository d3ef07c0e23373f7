// Which slide is on the glass. Slides come and go with their entries; one that stays is the same element, with its picture.

// Where all of it stands, slide by slide, in px aside and up, so that no edge is burnt into the screen.
const SHIFTS = [[0, 0], [-3, -2], [-6, 0], [-4, -5], [-1, -3], [-5, -2], [-2, -6], [-6, -6]];

export const stage = document.querySelector(".deck");

let on;
let turned = () => {};
let count = 0;

const slides = () => [...stage.querySelectorAll(".slide")];
// A picture that did not come must not stand there as a broken one.
const whole = (slide) => [...slide.querySelectorAll("picture img")].every((image) => !image.complete || image.naturalWidth);

function show(slide) {
  on?.removeAttribute("data-on");
  on = slide;
  on.dataset.on = "";
  const [aside, up] = SHIFTS[count++ % SHIFTS.length];
  document.documentElement.style.setProperty("--aside", `${aside}px`);
  document.documentElement.style.setProperty("--up", `${up}px`);
  scrollTo(0, 0);
  turned();
}

function fetchPictures() {
  for (const image of stage.querySelectorAll("picture img")) image.loading = "eager";
}

export function start(whenTurned) {
  document.documentElement.dataset.js = "";
  turned = whenTurned;
  show(document.getElementById(location.hash.slice(1)) ?? stage.querySelector(".slide"));
  if (document.readyState === "complete") fetchPictures();
  else addEventListener("load", fetchPictures, { once: true });
}

export const seconds = () => Number(on.dataset.seconds);

export function turn(step) {
  const all = slides();
  if (!Number.isFinite(step)) return show(step < 0 ? all[0] : all.at(-1));
  const here = all.indexOf(on);
  const around = all.map((_, away) => all.at((here + step * (away + 1)) % all.length));
  show(around.find(whole) ?? on);
}

export const entries = () => new Set(slides().flatMap((slide) => slide.dataset.entry ?? []));

// Takes every slide of other entries off, the one on the glass too.
export function keepOnly(entries) {
  const all = slides();
  const stays = (slide) => !slide.dataset.entry || entries.has(slide.dataset.entry);
  if (!stays(on)) show([...all.slice(all.indexOf(on)), ...all].find(stays));
  for (const slide of all) if (!stays(slide)) slide.remove();
}

// Puts the slides of a newer page in their places.
export function renew(page) {
  const known = new Map(slides().map((slide) => [slide.id, slide]));
  const here = slides().indexOf(on);
  stage.replaceChildren(...[...page.querySelectorAll(".slide")].map((slide) => known.get(slide.id) ?? slide));
  if (!on.isConnected) show(slides()[here] ?? slides()[0]);
  fetchPictures();
}

export const pictures = () => [...stage.querySelectorAll("picture img")];
