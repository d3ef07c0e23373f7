// Keys and remotes: arrows in reading direction, what presenters and media keyboards send, and the buttons on the page.

const [NEXT, BEFORE] = document.dir === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
const ACTS = {
  [NEXT]: "forward", PageDown: "forward", ArrowDown: "forward", MediaTrackNext: "forward",
  [BEFORE]: "back", PageUp: "back", ArrowUp: "back", MediaTrackPrevious: "back",
  Home: "first", End: "last", " ": "pause", MediaPlayPause: "pause", Pause: "pause",
  b: "dark", B: "dark", ".": "dark", f: "full", F: "full",
};
// By its place, on a keyboard that writes Arabic.
const PLACES = { KeyB: "dark", KeyF: "full" };

export function listen(act) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target.closest("a, button")) return; // it is pressed by itself
    const name = ACTS[event.key] ?? PLACES[event.code];
    if (!name) return;
    event.preventDefault();
    act(name);
  });
  addEventListener("click", (event) => {
    const name = event.target.closest("[data-act]")?.dataset.act;
    if (name) act(name);
  });
}
