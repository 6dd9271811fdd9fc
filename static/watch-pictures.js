/** The pictures at a moment: all seeds, or one seed beside what it was at its best. */

import { onDrag } from "./watch-drag.js";
import { find, say } from "./watch-elements.js";
import { figure } from "./watch-run.js";
import { draw, seedAt, seedsOf } from "./watch-sheets.js";

export class Pictures {
  #sheets;
  #time;
  #picked;
  seed = null; // null: all of them

  /** picked() is called when another seed, or all of them, shall be seen. */
  constructor(sheets, time, picked) {
    this.#sheets = sheets;
    this.#time = time;
    this.#picked = picked;
    this.#movesTime(find("#sheet"), (x, y) => {
      const sheet = sheets.near(time.index);
      if (sheet) this.pick(seedAt(sheet, x, y));
    });
    this.#movesTime(find("#now"), () => this.pick(null));
    this.#movesTime(find("#then"), () => time.goTo(time.other));
  }

  pick(seed) {
    this.seed = seed;
    document.body.dataset.view = seed === null ? "all" : "one";
    this.#picked();
  }

  /** To the seed so many further on, round and round; nothing while all are seen. */
  step(by) {
    const sheet = this.#sheets.near(this.#time.index);
    if (sheet && this.seed !== null) this.pick((this.seed + by + seedsOf(sheet)) % seedsOf(sheet));
  }

  draw() {
    const { index, kimg, best, other } = this.#time;
    const sheet = this.#sheets.near(index);
    find("#empty").hidden = Boolean(sheet);
    if (!sheet) return;
    document.body.dataset.late = String(!this.#sheets.at(index)); // another moment stands in until this one is here
    if (this.seed === null) return draw(find("#sheet"), sheet);
    if (this.seed >= seedsOf(sheet)) return this.pick(0);
    draw(find("#now canvas"), sheet, this.seed);
    say(find("#now figcaption"), `${figure(kimg)} kimg`);
    const then = this.#sheets.at(other);
    if (then) draw(find("#then canvas"), then, this.seed);
    say(find("#then figcaption"), `${best < 0 ? "newest" : "best"}, ${figure(this.#sheets.list[other].kimg)} kimg`);
  }

  /** A finger along a picture moves time from where it was when the finger came down. */
  #movesTime(element, tap) {
    const time = this.#time;
    let from = 0; // kimg
    onDrag(element, {
      down: () => (from = time.kimg),
      move: (_, dx) => time.goToKimg(from + dx * time.end),
      tap,
    });
  }
}
