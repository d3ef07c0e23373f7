// Copies the text of a [data-copy] button and says so on the button itself ([data-copied]) for a moment.

document.documentElement.dataset.js = "";

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No clipboard outside a secure context (a school's own server over plain HTTP): the old way still works there.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

/** Copies `text` and lets the button say so. */
export async function copied(button, text) {
  const label = button.querySelector("span");
  const said = (button.dataset.label ??= label.textContent);
  await copy(text);
  button.focus();
  label.setAttribute("role", "status");
  label.textContent = button.dataset.copied;
  setTimeout(() => (label.textContent = said), 4000);
}

addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) copied(button, button.dataset.copy);
});
