// Asks twice a minute which entries may be shown ([data-entries]): what was taken back leaves the glass at once, what is new
// joins. While there is no network the show goes on with what it has, for a week at most. A service worker keeps the same,
// and nothing more, for a start without a network.

const PAUSE = 30_000; // ms
const DAY = 24 * 60 * 60 * 1000;
const WEEK = 7 * DAY; // what nobody could confirm for so long is not shown any more

const { entries, release, made } = document.body.dataset;
let tag = "";
let contact = Date.parse(made);
let kept = { list: "", at: 0 };
let worker;

const ask = (address, headers = {}) => fetch(address, { headers, cache: "no-store", signal: AbortSignal.timeout?.(PAUSE) });

// Tells the worker what this show is made of by now, once a day at least: what it keeps must not seem older than it is.
async function keep(deck) {
  const files = performance.getEntriesByType("resource").map((file) => file.name);
  const own = files.filter((name) => new URL(name).pathname.startsWith("/static/"));
  const come = deck.pictures().filter((image) => image.complete && image.naturalWidth);
  const list = [location.href.split("#")[0], ...new Set([...own, ...come.map((image) => image.currentSrc)])];
  const state = [...deck.entries(), ...list].join(" ");
  if (state === kept.list && Date.now() - kept.at < DAY) return;
  (await worker)?.active.postMessage(list);
  kept = { list: state, at: Date.now() };
}

// A picture that did not come while there was no network is asked for again.
function mend(deck) {
  for (const image of deck.pictures()) if (image.complete && !image.naturalWidth) image.src = image.getAttribute("src");
}

async function change(deck, told) {
  if (told.release !== release) return location.reload();
  deck.keepOnly(new Set(told.entries));
  const shown = deck.entries();
  if (told.entries.every((entry) => shown.has(entry))) return;
  const page = await ask(location.href);
  if (!page.ok) throw new Error("later");
  deck.renew(new DOMParser().parseFromString(await page.text(), "text/html"));
}

async function look(deck) {
  const answer = await ask(entries, tag ? { "If-None-Match": tag } : {});
  if (![200, 304].includes(answer.status)) return;
  if (answer.status === 200) {
    await change(deck, await answer.json());
    tag = answer.headers.get("ETag") ?? "";
  }
  contact = Date.now();
  mend(deck);
  await keep(deck);
}

async function turn(deck) {
  await look(deck).catch(() => {}); // no network: it says nothing
  if (Date.now() - contact < WEEK) return;
  deck.keepOnly(new Set());
  tag = "";
}

export function follow(deck) {
  const scope = location.pathname;
  worker = navigator.serviceWorker?.register("/screen-sw.js", { scope }).then(() => navigator.serviceWorker.ready).catch(() => {});
  turn(deck);
  setInterval(() => turn(deck), PAUSE);
}
