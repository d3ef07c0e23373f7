// While the page of an entry is open and seen, renews the claim ([data-claim] holds its address), and tells when a
// colleague has taken over or the entry has changed.

const PAUSE = 60000; // ms; a claim holds for five minutes

const note = document.querySelector("[data-claim]");

async function renew() {
  if (document.hidden) return;
  const body = new URLSearchParams({ csrf_token: document.querySelector("[name=csrf_token]").value });
  const answer = await fetch(note.dataset.claim, { method: "POST", body, redirect: "manual" }).catch(() => undefined);
  if (!answer?.ok) return;
  const { holder, version } = await answer.json();
  note.querySelector("[data-name]").textContent = holder;
  note.hidden = !holder;
  document.querySelector("[data-changed]").hidden = version === Number(note.dataset.version);
}

if (note) {
  setInterval(renew, PAUSE);
  addEventListener("visibilitychange", renew);
}
