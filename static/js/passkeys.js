// [data-passkey] asks the browser to make ([data-makes]) or use a passkey: its value is the address of the options. What the
// browser answers goes into the form's `credential`, and the form is sent. Shown only where browser and address can do it.

const able = window.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;

async function signed(button) {
  const body = new URLSearchParams({ csrf_token: button.form.querySelector("[name=csrf_token]").value });
  const answer = await fetch(button.dataset.passkey, { method: "POST", body, redirect: "manual" });
  if (answer.type === "opaqueredirect") location.assign(button.dataset.again); // signed out meanwhile, or to be proved again
  const options = await answer.json();
  const made = "makes" in button.dataset
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify(made.toJSON());
}

async function press(button) {
  const { form } = button;
  const told = form.querySelector("[data-passkey-failed]");
  told.hidden = true;
  form.elements.code?.removeAttribute("required");
  if (!form.reportValidity()) return;
  button.disabled = true;
  try {
    form.elements.credential.value = await signed(button);
    form.submit();
  } catch {
    told.hidden = false; // refused, not found, or nothing was touched in time
  }
  button.disabled = false;
  form.elements.code?.setAttribute("required", "");
}

for (const button of able ? document.querySelectorAll("[data-passkey]") : []) {
  button.hidden = false;
  button.addEventListener("click", () => press(button));
  const form = button.closest("[data-passkey-form]");
  if (form) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault(); // Enter in the name's field
      press(button);
    });
    document.querySelector("[data-passkey-none]").hidden = true;
  }
}
