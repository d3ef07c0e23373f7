// The drawing on a class's poster carries its code after the "#", which browsers do not send, and whether its teacher reads
// first. It goes along to the form, into its field, and out of the address and the history.

const carried = new URLSearchParams(location.hash.slice(1));
const digits = carried.get("class")?.replace(/\D/g, "");

function reads(first) {
  document.querySelector("[data-reads-first]").hidden = !first;
  document.querySelector("[name=first_told]").value = first ? "yes" : "";
}

if (digits?.length === 8) {
  const field = document.querySelector("[data-class-code]");
  if (field) {
    history.replaceState(null, "", location.pathname);
    field.value = `${digits.slice(0, 4)} ${digits.slice(4)}`;
    field.closest("details").open = true;
    reads(carried.has("first"));
  }
  const hash = `class=${digits}${carried.has("first") ? "&first" : ""}`;
  for (const link of document.querySelectorAll('a[href*="/share"]:not([data-erase])')) link.hash = hash;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-without-code]")) return;
  const field = document.querySelector("[data-class-code]");
  field.value = "";
  reads(false);
  field.focus();
});
