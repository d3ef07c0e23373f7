// A teacher's own link carries its key after the "#", which browsers do not send. Take it from the address bar at once, so that
// nobody sees it on the wall, and put it where the teacher would have typed it. (The history keeps it: no child's code goes this way.)

function take() {
  const digits = decodeURIComponent(location.hash).replace(/\D/g, "");
  if (digits.length !== 16) return;
  history.replaceState(null, "", location.pathname);
  const field = document.querySelector("[data-fragment]");
  if (!field) return;
  field.value = digits.match(/\d{4}/g).join(" ");
  field.form.querySelector("button").focus();
}

take();
addEventListener("hashchange", take);
