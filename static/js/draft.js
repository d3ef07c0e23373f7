// Keeps what is written on this device until it is sent, only if the child ticks the box ([data-keep]): words, choices and
// the random key of the sending, so that a repetition is known as one; no picture. Unticking, erasing, sending and the quick
// exit take it away, and a week does.

const NAME = "draft";
const WEEK = 7 * 24 * 3600 * 1000; // ms
const LEFT_OUT = "input[type=file], input[type=hidden]:not([data-key]), [name=website], [data-class-code], [data-keep]";

const forms = () => document.querySelector("[data-upload]:has([data-keep])");
const fields = (form) => [...form.elements].filter((field) => field.name && !field.matches(LEFT_OUT));
const forget = () => localStorage.removeItem(NAME);

function kept() {
  try {
    const draft = JSON.parse(localStorage.getItem(NAME));
    if (draft && draft.until > Date.now()) return draft;
  } catch {
    // not ours, or no storage at all
  }
  forget();
}

function keep(form) {
  const said = fields(form).map((field) => (field.matches("[type=radio], [type=checkbox]") ? field.checked : field.value));
  localStorage.setItem(NAME, JSON.stringify({ path: new URL(form.action).pathname, until: Date.now() + WEEK, said }));
}

function restore(form) {
  const draft = kept();
  if (draft?.path !== new URL(form.action).pathname) return;
  fields(form).forEach((field, place) => {
    if (field.matches("[type=radio], [type=checkbox]")) field.checked = draft.said[place] === true;
    else field.value = draft.said[place] ?? "";
  });
  form.querySelector("[data-keep]").checked = true;
  form.querySelectorAll("details").forEach((part) => (part.open ||= [...part.querySelectorAll("textarea")].some((field) => field.value)));
}

for (const type of ["input", "change"]) {
  addEventListener(type, (event) => {
    const form = event.target.form;
    const box = form?.querySelector("[data-keep]");
    if (box?.checked) keep(form);
    else if (event.target === box) forget();
  });
}

addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-erase]");
  if (!link) return;
  event.preventDefault();
  forget();
  location.replace(link.href);
});

// The receipt has taken the form's place: what was kept is sent. Where the form came back, the box is ticked as before.
addEventListener("main:swapped", () => {
  const form = forms();
  if (!form && document.querySelector("#code")) forget();
  if (form && kept()) form.querySelector("[data-keep]").checked = true;
});

document.documentElement.dataset.js = "";
const form = forms();
if (form) restore(form);
