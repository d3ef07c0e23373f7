// The service worker: what everybody's form pages are made of, for the time without a network. It keeps the files and
// pages listed in offline.json, which are the same for all. It never sees a form's answer, never keeps a receipt's page, and
// takes nothing from the network's place while there is one.

const asked = new URL(location).searchParams;
const [version, lang] = [asked.get("v"), asked.get("lang")];
const CACHE = `site-${version}-${lang}`;
const INSTEAD = `/${lang}/offline`;
const STATIC = `/static/${version}/`;

const list = fetch(`${STATIC}offline.json`).then((answer) => answer.json());
const pages = (kept) => kept.pages.map((path) => `/${lang}/${path}`);

async function install() {
  const [cache, kept] = await Promise.all([caches.open(CACHE), list]);
  // One by one: what is missing must not keep the rest away.
  await Promise.allSettled([...pages(kept), ...kept.files.map((path) => STATIC + path)].map((path) => cache.add(path)));
  await skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith("site-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function page(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    const path = new URL(request.url).pathname;
    // Only a page that was kept at the start is renewed: nothing is ever added by where somebody goes.
    if (answer.ok && !new URL(request.url).search && (await cache.match(path))) await cache.put(path, answer.clone());
    return answer;
  } catch {
    return (await cache.match(request, { ignoreSearch: true })) ?? (await cache.match(INSTEAD)) ?? Response.error();
  }
}

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith(STATIC)) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});
