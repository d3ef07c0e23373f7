// Asks for the part of the list that changes ([data-live] holds its address) while somebody looks, and puts it in place if
// it is another one. Whoever was on a line stays there.

const PAUSE = 15000; // ms

let tag = "";

function swap(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-live]");
  const old = document.querySelector("[data-live]");
  if (!fresh || fresh.isEqualNode(old)) return;
  const at = document.activeElement?.getAttribute("href");
  const inside = old.contains(document.activeElement);
  old.replaceWith(fresh);
  const total = document.querySelector(".deskbar__nav .number");
  if (total) total.textContent = fresh.querySelector(".lanes .number").textContent;
  if (inside && at) fresh.querySelector(`a[href="${CSS.escape(at)}"]`)?.focus();
}

async function turn() {
  if (document.hidden) return;
  const headers = tag ? { "If-None-Match": tag } : {};
  const { live } = document.querySelector("[data-live]").dataset;
  const answer = await fetch(live, { headers, cache: "no-store", redirect: "manual" }).catch(() => undefined);
  if (answer?.status !== 200) return;
  tag = answer.headers.get("ETag") ?? "";
  swap(await answer.text());
}

setInterval(turn, PAUSE);
addEventListener("visibilitychange", turn);
