// The printed card's QR code carries the receipt after the "#", which browsers do not send. Take it from the address
// bar at once, so that neither the history nor a bookmark keeps it, and put it where the child would have typed it.

function take() {
  const digits = decodeURIComponent(location.hash).replace(/\D/g, "");
  if (digits.length !== 16) return;
  history.replaceState(null, "", location.pathname);
  const field = document.querySelector("[data-receipt]");
  if (!field) return;
  field.value = digits.match(/\d{4}/g).join(" ");
  field.form.querySelector("button").focus();
}

take();
addEventListener("hashchange", take);
