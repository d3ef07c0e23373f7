// A picture at the desk ([data-picture]): V uncovers it step by step; pressing and holding shows it in grey, then in colour,
// for as long as the press lasts (not where a press draws a box); whoever leaves the page finds it as it arrived.

const HOLD = 700; // ms of pressing until grey becomes colour

const figure = document.querySelector("[data-picture]");

function start(ways, frame) {
  const usual = ways.find((way) => way.defaultChecked) ?? ways[0];
  let timer;

  function show(way) {
    way.checked = true;
    for (const other of ways) delete other.dataset.key;
    ways[(ways.indexOf(way) + 1) % ways.length].dataset.key = "v";
  }

  function release() {
    if (!timer) return;
    clearTimeout(timer);
    timer = undefined;
    show(usual);
  }

  frame?.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || usual !== ways[0]) return;
    show(ways[1]);
    timer = setTimeout(() => show(ways[2]), HOLD);
  });
  for (const type of ["pointerup", "pointercancel", "pointerleave"]) frame?.addEventListener(type, release);
  frame?.addEventListener("contextmenu", (event) => event.preventDefault());
  addEventListener("change", (event) => ways.includes(event.target) && show(event.target));
  addEventListener("visibilitychange", () => document.hidden && show(usual));
  addEventListener("pagehide", () => show(usual));
  show(usual);
}

if (figure) start([...figure.querySelectorAll("[name=way]")], figure.querySelector(".picture__frame"));
