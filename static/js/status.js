// While an entry is on its way ([data-watch="state"]), ask again from time to time; once the state is another one, send
// the page's own form, which shows it. The receipt stays in memory and in the bodies of POST requests.

const FIRST = 3000; // ms
const SLOWEST = 30000;
const GIVE_UP = 15 * 60 * 1000;

document.documentElement.dataset.js = "";

async function ask(receipt) {
  const answer = await fetch("/api/v1/receipts", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ receipt }),
    cache: "no-store",
  });
  return answer.ok ? (await answer.json()).state : undefined;
}

function watch(form) {
  const { watch: known } = form.dataset;
  const receipt = form.elements.receipt.value;
  const until = Date.now() + GIVE_UP;
  let pause = FIRST;
  const later = () => form.isConnected && Date.now() < until && setTimeout(turn, pause);

  async function turn() {
    pause = Math.min(pause * 1.5, SLOWEST);
    if (document.hidden) return document.addEventListener("visibilitychange", turn, { once: true });
    const state = await ask(receipt).catch(() => undefined);
    if (state && state !== known) form.requestSubmit();
    else later();
  }

  later();
}

function begin() {
  const form = document.querySelector("[data-watch]");
  if (form) watch(form);
}

addEventListener("main:swapped", begin); // what was mended and sent again is on its way as well
begin();
