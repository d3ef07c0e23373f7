// In a pack, takes screen-live.js's place: what was taken back leaves the show, and nothing new can join.

import * as list from "./pack-recall.js";

export function follow(deck) {
  list.follow(() => deck.keepOnly(new Set([...deck.entries()].filter((entry) => !list.isGone(entry)))));
}
