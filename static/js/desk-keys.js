// Single keys at the desk, as each person likes them (<body data-keys>): `off`; `two`, where a first stroke puts the focus on
// the button of a decision and the same key, or Enter, sends it; `one`, where the server marks ([data-now]) what a single
// stroke may do. Links, boxes and steps that decide nothing follow at once, but for a link away from work ([data-twice]), and
// for everything that leaves the page while a word stands in a form.
// "?" opens the sheet of all keys.

const mode = document.body.dataset.keys;
const sheet = document.querySelector("[data-sheet]");

document.documentElement.dataset.js = "";
document.querySelector("[data-sheet-opens]")?.addEventListener("click", () => sheet.showModal());

// The letter on the key cap: on a keyboard that writes Arabic, or digits with Shift, by its place.
function keyOf(event) {
  if (/^[a-z?]$/i.test(event.key)) return event.key.toLowerCase();
  if (event.key === "؟") return "?";
  const place = /^(?:Key|Digit)([A-Z0-9])$/.exec(event.code);
  return place && !event.shiftKey ? place[1].toLowerCase() : "";
}

function types(target) {
  return target.closest?.("textarea, select, input:not([type=radio], [type=checkbox])");
}

function somethingTyped() {
  return [...document.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
}

function needsTwo(target) {
  const leaves = target.matches("a, button:not([type=button])");
  return target.matches("[data-twice], button:not([data-now])") || (leaves && somethingTyped());
}

function follow(target) {
  if (needsTwo(target) && target !== document.activeElement) return target.focus();
  target.click();
  if (target.matches("input, summary")) target.focus();
}

addEventListener("keydown", (event) => {
  if (mode === "off" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (types(event.target) || sheet?.open) return;
  const key = keyOf(event);
  const target = key && (key === "?" ? undefined : document.querySelector(`[data-key="${key}"]`));
  if (key === "?") sheet.showModal();
  else if (!target || !target.checkVisibility()) return;
  else follow(target);
  event.preventDefault();
});
