// The drawing on a class's poster carries its code after the "#", which browsers do not send. It goes along to the form, into
// its field, and out of the address and the history.

const digits = new URLSearchParams(location.hash.slice(1)).get("class")?.replace(/\D/g, "");

if (digits?.length === 8) {
  const field = document.querySelector("[data-class-code]");
  if (field) {
    history.replaceState(null, "", location.pathname);
    field.value = `${digits.slice(0, 4)} ${digits.slice(4)}`;
    field.closest("details").open = true;
  }
  for (const link of document.querySelectorAll('a[href*="/share"]:not([data-erase])')) link.hash = `class=${digits}`;
}
