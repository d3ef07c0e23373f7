// Single keys at the desk, for who switches them on ([data-keys]): the key of a [data-key] element follows a link, turns a
// box, or puts the focus on a button. It never sends a form: Enter does, when the moderator means it.

const STORE = "desk-keys";
const root = document.documentElement;
const toggle = document.querySelector("[data-keys]");

function set(on) {
  root.toggleAttribute("data-keys-on", on);
  toggle?.setAttribute("aria-pressed", on);
  localStorage.setItem(STORE, on ? "on" : "off");
}

root.dataset.js = "";
set(localStorage.getItem(STORE) === "on");
toggle?.addEventListener("click", () => set(!root.hasAttribute("data-keys-on")));

addEventListener("keydown", (event) => {
  if (!root.hasAttribute("data-keys-on") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("textarea, select, input:not([type=radio], [type=checkbox])")) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("a, input")) target.click();
  if (target.matches("button, input")) target.focus();
});
