// J and K, or the arrows once one is there, go through the lines of a list; Enter opens, as it does anyway.

const lines = () => [...document.querySelectorAll(".queue a")];

addEventListener("keydown", (event) => {
  if (document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("textarea, select, input, dialog")) return;
  const all = lines();
  const here = all.indexOf(document.activeElement);
  const arrow = here >= 0 ? { ArrowDown: 1, ArrowUp: -1 }[event.key] : undefined;
  const step = arrow ?? { KeyJ: 1, KeyK: -1 }[event.code];
  if (!step || !all.length) return;
  all[Math.min(Math.max(here + step, 0), all.length - 1)].focus();
  event.preventDefault();
});
