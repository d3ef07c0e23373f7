// Quick exit: the page is blank before anything else happens, then an ordinary site takes its place in the history.
// Bound to [data-exit]; also three presses of Shift with no other key between them (never Escape: it stops loading).
// Who goes back from there, and so comes to earlier pages of ours, sees a blank page and the ordinary site again. That
// somebody left is known to this tab alone, until a page of ours is opened on purpose.

const WITHIN = 2000; // ms from the first press to the third
const LEFT = "left";

const away = document.querySelector("[data-exit]")?.href;
let presses = [];

// Storage can be switched off.
function keeping(what) {
  try {
    return what();
  } catch {
    return null;
  }
}

function leave() {
  if (!away) return;
  document.title = " ";
  document.documentElement.replaceChildren();
  keeping(() => localStorage.removeItem("draft")); // what a child kept on this device (draft.js)
  keeping(() => sessionStorage.setItem(LEFT, "1"));
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

function arrived(back) {
  if (!keeping(() => sessionStorage.getItem(LEFT))) return;
  if (back) leave();
  else keeping(() => sessionStorage.removeItem(LEFT));
}

// `persisted`: the browser had kept the whole page, with everything typed, in memory.
addEventListener("pageshow", (event) => event.persisted && arrived(true));
arrived(performance.getEntriesByType("navigation")[0]?.type === "back_forward");
