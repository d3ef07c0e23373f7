// A [data-share] button hands the page's address to whatever the phone shares with; elsewhere it is copied.
// Only the address and the page's title leave the page, and only when the button is pressed.

import { copied } from "./copy.js";

addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-share]");
  if (!button) return;
  const url = button.dataset.share;
  // Whoever closes the phone's own window has not met an error.
  if (navigator.share) navigator.share({ url, title: document.title }).catch(() => {});
  else copied(button, url);
});
