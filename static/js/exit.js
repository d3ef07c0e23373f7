// Quick exit: the page is blank before anything else happens, then an ordinary site takes its place in the history.
// Bound to [data-exit]; also three presses of Shift with no other key between them (never Escape: it stops loading).

const WITHIN = 2000; // ms from the first press to the third

let presses = [];

function leave() {
  const link = document.querySelector("[data-exit]");
  if (!link) return;
  const away = link.href;
  try {
    localStorage.removeItem("draft"); // what a child kept on this device (draft.js)
  } catch {
    // no storage here
  }
  document.title = " ";
  document.documentElement.replaceChildren();
  location.replace(away);
}

addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-exit]")) return;
  event.preventDefault();
  leave();
});

addEventListener("keydown", (event) => {
  if (event.key !== "Shift") presses = [];
});

addEventListener("keyup", (event) => {
  if (event.key !== "Shift") return;
  const now = performance.now();
  presses = [...presses.filter((press) => now - press < WITHIN), now];
  if (presses.length >= 3) leave();
});
