// What a pack must not show any more: names out of recall.js in its folder, out of the list on the site where there is a
// network, and what this browser has heard before. A list can only take away: nothing in it is run, and nothing is added.

const MARK = /^[0-9a-f]{12}$/;
const KEPT = "insta-memes-recalled";
const { recall: address, freshUntil, overAfter } = document.documentElement.dataset;
// By the device's own clock, as the days of the pack are written: 2026-11-26.
const today = new Date().toISOString().slice(0, 10);

const gone = new Set();
let changed = () => {};

export const isOld = today > freshUntil;
export const isOver = today > overAfter;

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return []; // nothing can be kept here, or somebody else has written it
  }
}

function hear(list) {
  if (!Array.isArray(list)) return;
  const before = gone.size;
  for (const mark of list) if (MARK.test(mark)) gone.add(mark);
  if (gone.size === before) return;
  try {
    localStorage.setItem(KEPT, JSON.stringify([...gone]));
  } catch {
    // Then recall.js must stay in the folder.
  }
  changed();
}

// Tells the site nothing but that somebody has a pack: the same address for all, nothing sent along, no page it comes from.
async function ask() {
  if (!navigator.onLine) return;
  const manners = { credentials: "omit", referrerPolicy: "no-referrer", redirect: "error", cache: "no-cache" };
  const answer = await fetch(address, manners).catch(() => undefined);
  if (answer?.ok) hear(await answer.json().catch(() => undefined));
}

// An entry's name in the pack; its first twelve digits are what lists speak of.
export const isGone = (entry) => isOver || gone.has(entry.replaceAll("-", "").slice(0, 12));

export function follow(whenChanged) {
  hear(kept());
  hear(globalThis.recalled);
  changed = whenChanged;
  changed();
  ask();
  addEventListener("online", ask);
}
