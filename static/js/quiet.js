// Sends a form that carries a receipt ([data-quiet]) without leaving the page, and shows the answer in its place. A browser
// that opens its windows again after a restart writes to the disk what a page was asked for with, after some seconds,
// and no quick exit could take it back. Without a script the browser sends the form itself.

import { swap } from "./swap.js";

document.documentElement.dataset.js = "";

function failed(form) {
  form.querySelector("[role=alert]")?.remove();
  const said = document.querySelector("template[data-unsent]").content.firstElementChild.cloneNode(true);
  form.append(said);
  said.scrollIntoView({ block: "nearest" });
}

async function send(form) {
  form.ariaBusy = "true";
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" }, cache: "no-store" });
    if (answer.status >= 500) throw new Error("try again");
    swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    failed(form); // what was typed stays where it is
  }
  form.ariaBusy = "false";
}

addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-quiet]")) return;
  event.preventDefault();
  if (form.ariaBusy !== "true") send(form);
});
