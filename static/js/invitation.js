// The token of an invitation stands behind the # of its link, which browsers send to nobody: into the form with it, and out of
// the address and the history.

const token = location.hash.slice(1);
const form = document.querySelector("main form");

if (token) {
  history.replaceState(null, "", location.pathname);
  form.elements.token.value = token;
  form.submit();
}
