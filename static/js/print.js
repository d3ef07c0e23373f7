// A [data-print] button prints the page; the style sheet for paper makes a card of it.

document.documentElement.dataset.js = "";

addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) print();
});
