// Asks twice a minute which entries may be shown ([data-entries]): what was taken back leaves the glass at once, what is new
// joins. While there is no network the show goes on with what it has, for a week at most. A service worker keeps the same,
// and nothing more, for a start without a network.

const PAUSE = 30_000; // ms
const DAY = 24 * 60 * 60 * 1000;
const WEEK = 7 * DAY; // what nobody could confirm for so long is not shown any more

const { entries, release, made } = document.body.dataset;
let tag = "";
let contact = Date.parse(made);
let kept = 0;
let worker;

async function keep(deck) {
  const files = performance.getEntriesByType("resource").map((file) => file.name);
  const page = location.href.split("#")[0];
  const own = files.filter((name) => new URL(name).pathname.startsWith("/static/"));
  const pictures = deck.pictures().map((image) => image.currentSrc);
  (await worker)?.active.postMessage([page, ...new Set([...own, ...pictures.filter(Boolean)])]);
  kept = Date.now();
}

// A picture that did not come while there was no network is asked for again.
function mend(deck) {
  for (const image of deck.pictures()) if (image.complete && !image.naturalWidth) image.src = image.getAttribute("src");
}

async function change(deck, told) {
  if (told.release !== release) return location.reload();
  deck.keepOnly(new Set(told.entries));
  kept = 0;
  const shown = deck.entries();
  if (told.entries.every((entry) => shown.has(entry))) return;
  const page = await fetch(location.href, { cache: "no-store" });
  if (!page.ok) throw new Error("later");
  deck.renew(new DOMParser().parseFromString(await page.text(), "text/html"));
}

async function ask(deck) {
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(entries, { headers, cache: "no-store" });
  if (![200, 304].includes(answer.status)) return;
  if (answer.status === 200) {
    await change(deck, await answer.json());
    tag = answer.headers.get("ETag") ?? "";
  }
  contact = Date.now();
  mend(deck);
  if (contact - kept > DAY / 2) await keep(deck);
}

async function turn(deck) {
  await ask(deck).catch(() => {}); // no network: it says nothing
  if (Date.now() - contact > WEEK) deck.keepOnly(new Set());
}

export function follow(deck) {
  const scope = location.pathname;
  worker = navigator.serviceWorker?.register("/screen-sw.js", { scope }).then(() => navigator.serviceWorker.ready).catch(() => {});
  turn(deck);
  setInterval(() => turn(deck), PAUSE);
}
