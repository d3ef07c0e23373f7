// The classroom screen's service worker. It keeps one show for the time without a network: exactly the page, files and
// pictures that the page names (screen-live.js), so that what was taken back goes with the next message, and for a week at
// most. It never takes the network's place for a page while there is one.

const CACHE = "screen";
const WEEK = 7 * 24 * 60 * 60 * 1000;

async function keep([page, ...others]) {
  const cache = await caches.open(CACHE);
  const wanted = new Set([page, ...others]);
  for (const { url } of await cache.keys()) if (!wanted.has(url)) await cache.delete(url);
  await cache.add(page).catch(() => cache.delete(page)); // an older one may hold what was taken back
  await Promise.allSettled(others.map(async (url) => (await cache.match(url)) ?? cache.add(url)));
}

async function file(request) {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}

async function keptPage(request) {
  const found = await caches.match(request, { cacheName: CACHE });
  if (!found || Date.now() - Date.parse(found.headers.get("Date")) < WEEK) return found;
  await caches.delete(CACHE);
}

async function page(request) {
  const answer = await fetch(request).catch(() => undefined);
  if (answer && answer.status < 500) return answer;
  return (await keptPage(request)) ?? answer ?? Response.error();
}

addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("message", (event) => event.waitUntil(keep(event.data)));
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (/^\/(static|media)\//.test(pathname)) event.respondWith(file(request));
});
