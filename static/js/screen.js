// The show of a classroom screen: one slide after the other, each for its time. What turns it, what keeps it lit or dark and
// what keeps it up to date are in the modules beside this one. The address holds every choice; nothing is kept anywhere else.

import * as deck from "./screen-deck.js";
import * as light from "./screen-light.js";
import { listen } from "./screen-keys.js";
import { follow } from "./screen-live.js";

const pace = Number(document.body.dataset.pace); // 0: nobody but a person turns
const held = document.querySelector("[data-held]");
const pauseKey = document.querySelector('[data-act="pause"]');
const STILL = 4000; // ms without a movement until the keys fade

let since = Date.now(); // the slide on the glass has stood there
let paused = pace === 0;
let moved = Date.now();

function showPause() {
  held.hidden = !paused || pace === 0;
  pauseKey.setAttribute("aria-pressed", String(paused));
  // Whoever listens hears what they turn themselves, and not what passes by.
  deck.stage.setAttribute("aria-live", paused ? "polite" : "off");
}

const acts = {
  forward: () => deck.turn(1),
  back: () => deck.turn(-1),
  first: () => deck.turn(-Infinity),
  last: () => deck.turn(Infinity),
  dark: light.toggle,
  full: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.()),
  pause() {
    paused = !paused;
    since = Date.now();
    showPause();
  },
};

function act(name) {
  moved = Date.now();
  if (light.wake()) return; // the first key only makes light
  acts[name]?.();
}

function tick() {
  const now = Date.now();
  if (light.isDark()) since = now;
  document.body.toggleAttribute("data-still", now - moved > STILL && !paused);
  if (!paused && now - since >= pace * 1000 * deck.seconds()) deck.turn(1);
}

deck.start(() => (since = Date.now()));
listen(act);
showPause();
for (const kind of ["pointermove", "pointerdown"]) {
  addEventListener(kind, () => {
    moved = Date.now();
    document.body.removeAttribute("data-still");
    if (kind === "pointerdown") light.wake();
  });
}
setInterval(tick, 1000);
follow(deck);
