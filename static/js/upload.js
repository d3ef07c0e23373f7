// Sends a [data-upload] form with a progress bar and puts the answer's <main> in place of this one, for a receipt as for
// errors; what was typed and chosen stays. Without a script the same form is sent by the browser itself.

import { proof } from "./proof.js";
import { shrunk } from "./shrink.js";
import { swap } from "./swap.js";

// One random name per page: a sending repeated over a weak network is one entry with one receipt.
const KEY = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const say = (form, what) => form.querySelectorAll("[data-says]").forEach((line) => (line.hidden = line.dataset.says !== what));

function busy(form, on) {
  const button = form.querySelector("[type=submit]");
  form.ariaBusy = String(on);
  button.setAttribute("aria-disabled", String(on));
  form.querySelector("[data-progress]").hidden = !on;
  form.dataset.busy = on ? "yes" : "";
}

function progress(form, share) {
  const percent = Math.round(share * 100);
  form.querySelector("progress").value = percent;
  form.querySelector("[data-percent]").textContent = `${percent}%`;
}

// The same sentence in the same place as the server would put it.
function mark(row, text) {
  const field = row.matches("fieldset") ? row : row.querySelector("input, textarea, select");
  const id = `${field.id}-error`;
  document.getElementById(id)?.remove();
  const others = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((name) => name && name !== id);
  row.classList.toggle("field--error", Boolean(text));
  field.removeAttribute("aria-invalid");
  if (text) {
    field.setAttribute("aria-invalid", "true");
    const line = document.querySelector("template[data-error]").content.firstElementChild.cloneNode(true);
    line.id = id;
    line.querySelector("span").textContent = text;
    row.append(line);
    others.push(id);
  }
  others.length ? field.setAttribute("aria-describedby", others.join(" ")) : field.removeAttribute("aria-describedby");
  return field;
}

function empty(row) {
  if (row.matches("fieldset")) return !row.querySelector(":checked");
  return !row.querySelector("input, textarea").value.trim();
}

function firstMissing(form) {
  let first;
  for (const row of form.querySelectorAll("[data-missing]")) {
    const field = mark(row, empty(row) ? row.dataset.missing : "");
    if (empty(row)) first ??= field;
  }
  return first;
}

function show(form, page) {
  const kept = form.querySelector("[type=file]")?.files;
  swap(page, (main) => {
    const maker = document.querySelector("[data-maker]"); // with everything that was drawn
    if (maker) main.querySelector("[data-maker-place]")?.replaceWith(maker);
    const field = main.querySelector("[data-upload] [type=file]");
    if (field && kept?.length && !main.querySelector(`#${field.id}-error`)) field.files = kept;
  });
}

function answered(form, request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  if (request.status < 400 || page.querySelector("[data-upload]")) return show(form, page);
  // A page without the form would take away what was typed: only its sentence is shown, beside the button.
  const sentence = page.querySelector("main .lead")?.textContent;
  if (sentence && request.status < 500) form.querySelector("[data-says=failed] p").textContent = sentence;
  say(form, "failed");
}

async function send(form) {
  busy(form, true);
  progress(form, 0);
  say(form, "");
  await shrunk();
  const request = new XMLHttpRequest();
  const data = new FormData(form);
  data.set("altcha", await proof());
  const done = (then) => () => {
    busy(form, false);
    then();
  };
  request.upload.onprogress = (event) => event.lengthComputable && progress(form, event.loaded / event.total);
  request.onload = done(() => {
    if (request.status !== 422) proof.used(); // what has a mistake was not let in yet
    answered(form, request);
  });
  request.onerror = done(() => say(form, "offline"));
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/html");
  request.send(data);
}

function ready() {
  document.querySelectorAll("[data-key]").forEach((field) => (field.value ||= KEY));
}

addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-upload]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  const missing = firstMissing(form);
  if (missing) {
    missing.closest("details")?.setAttribute("open", "");
    return missing.focus();
  }
  send(form);
});

addEventListener("verdict", (event) => mark(event.target.closest(".field"), event.detail));
// The work begins with the first word, so that nobody waits for it at the end.
addEventListener("input", (event) => event.target.form?.matches("[data-upload]") && proof());
addEventListener("input", (event) => {
  const row = event.target.closest?.("[data-missing].field--error");
  if (row && !empty(row)) mark(row, "");
});

addEventListener("main:swapped", ready);
ready();
