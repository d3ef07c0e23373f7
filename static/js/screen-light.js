// Light and dark: hours of rest by the device's own clock ([data-sleeps] to [data-wakes], as 18:00), a key that makes it dark at
// once, and a lock that keeps the device from going dark by itself meanwhile, where the browser lets us.

const AWAKE = 15 * 60 * 1000; // ms for which a key wakes it

const { sleeps, wakes } = document.body.dataset;
let wanted = false; // somebody has made it dark
let until = 0;
let lock;

function rests(now) {
  if (!sleeps) return false;
  const time = now.toTimeString().slice(0, 5);
  return sleeps < wakes ? time >= sleeps && time < wakes : time >= sleeps || time < wakes;
}

async function keepLit(dark) {
  if (dark || document.hidden) {
    lock?.release();
    lock = undefined;
  } else if (!lock || lock.released) {
    lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
  }
}

export function isDark() {
  const dark = wanted || (rests(new Date()) && Date.now() > until);
  document.body.toggleAttribute("data-dark", dark);
  return dark;
}

export function toggle() {
  wanted = !wanted;
  isDark();
}

// Whether it was dark, and is not any more.
export function wake() {
  const dark = isDark();
  until = Date.now() + AWAKE;
  if (dark) wanted = false;
  isDark();
  return dark;
}

setInterval(() => keepLit(isDark()), 10_000);
addEventListener("visibilitychange", () => keepLit(isDark()));
keepLit(isDark());
