// What is being made, with everything that can be undone. Nothing here knows the page.

const EMPTY = { base: null, strokes: [], layers: [] };

export class Work {
  past = [];
  future = [];
  now = EMPTY;
  chosen = 0; // place of the chosen layer
  #step = "";

  get layer() {
    return this.now.layers[this.chosen];
  }

  /** Change something. Changes of one `step`, such as the letters of a word or the points of a drag, are undone at once. */
  change(next, step = "") {
    if (!step || step !== this.#step) this.past.push(this.now);
    this.#step = step;
    this.future = [];
    this.#become({ ...this.now, ...next });
  }

  /** Change one layer; the chosen one unless told. */
  edit(given, step = "", place = this.chosen) {
    if (!this.now.layers[place]) return;
    this.change({ layers: this.now.layers.map((layer, at) => (at === place ? { ...layer, ...given } : layer)) }, step);
  }

  remove() {
    this.change({ layers: this.now.layers.filter((_, at) => at !== this.chosen) });
  }

  undo() {
    this.#travel(this.past, this.future);
  }

  redo() {
    this.#travel(this.future, this.past);
  }

  erase() {
    this.past = [];
    this.future = [];
    this.#step = "";
    this.#become(EMPTY);
  }

  #travel(from, to) {
    if (!from.length) return;
    to.push(this.now);
    this.#step = "";
    this.#become(from.pop());
  }

  #become(next) {
    this.now = next;
    this.chosen = Math.min(this.chosen, Math.max(0, next.layers.length - 1));
  }
}
