// Puts the answer to a form in the place of this page's <main>, with the scripts that it needs besides.

const loaded = (sheet) => [...document.styleSheets].some(({ href }) => href === new URL(sheet.getAttribute("href"), location).href);

// `keep` may take over from the old <main> what the answer does not know, before it goes.
export function swap(page, keep = () => {}) {
  const main = page.querySelector("main");
  keep(main);
  page.querySelectorAll("head [rel=stylesheet]").forEach((sheet) => loaded(sheet) || document.head.append(document.importNode(sheet)));
  document.querySelector("main").replaceWith(main);
  document.title = page.title;
  dispatchEvent(new CustomEvent("main:swapped"));
  // After the event, which is for those that are here already: who comes now looks around by itself.
  page.querySelectorAll("script[type=module]").forEach((script) => import(new URL(script.getAttribute("src"), location)));
  scrollTo(0, 0);
  (main.querySelector("[autofocus], [data-focus]") ?? main.querySelector("h1"))?.focus();
}
