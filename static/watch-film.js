/** The film: one seed over time, in frames that are spread over the run, with the best among them. */

import { find, icon, make } from "./watch-elements.js";
import { figure, nearest } from "./watch-run.js";
import { draw } from "./watch-sheets.js";

const FRAMES = 24; // with the newest; the best may be one more

export class Film {
  #sheets;
  #time;
  #film = find("#film");
  #marked = null; // the button that was brought into view

  constructor(sheets, time) {
    this.#sheets = sheets;
    this.#time = time;
  }

  /** Indices of the sheets that are its frames, in order. */
  frames() {
    const { list } = this.#sheets;
    const count = Math.min(list.length, FRAMES);
    const even = Array.from({ length: count }, (_, i) => Math.round((i * (list.length - 1)) / Math.max(1, count - 1)));
    return [...new Set([...even, this.#time.best])].filter((i) => i in list).sort((a, b) => a - b);
  }

  /** `seed`: whose pictures it shows; for null, all of them, there is no film. */
  draw(seed) {
    if (seed === null) {
      this.#marked = null;
      return;
    }
    const shown = this.frames();
    const key = JSON.stringify([shown, this.#sheets.list.length]);
    if (this.#film.dataset.key !== key) {
      this.#film.dataset.key = key;
      this.#film.replaceChildren(...shown.map((i) => make("li", {}, this.#frame(i))));
    }
    for (const button of this.#buttons()) {
      const sheet = this.#sheets.at(Number(button.dataset.index));
      const drawn = sheet && `${sheet.src} ${seed}`;
      if (!sheet || button.dataset.drawn === drawn) continue;
      draw(button.querySelector("canvas"), sheet, seed);
      button.dataset.drawn = drawn;
    }
    this.mark();
  }

  /** Marks the frame nearest to the moment that is looked at, and brings it into view. */
  mark() {
    const buttons = this.#buttons();
    if (!buttons.length) return;
    const current = buttons[nearest(buttons.map((button) => Number(button.dataset.index)), this.#time.index)];
    for (const button of buttons) button.setAttribute("aria-current", String(button === current));
    if (this.#marked === current) return; // it may have been scrolled away by a finger since
    this.#marked = current;
    const [film, box] = [this.#film, current.parentElement];
    const middle = box.offsetLeft - film.offsetLeft + (box.offsetWidth - film.clientWidth) / 2;
    if (Math.abs(film.scrollLeft - middle) > film.clientWidth / 3) film.scrollTo({ left: middle });
  }

  #frame(index) {
    const kimg = make("span", { className: "number" }, figure(this.#sheets.list[index].kimg));
    const button = make("button", { onclick: () => this.#time.goTo(index) }, make("canvas"), kimg);
    if (index === this.#time.best) button.append(icon("diamond"), make("b", {}, "best"));
    Object.assign(button.dataset, { index, drawn: "" });
    return button;
  }

  #buttons() {
    return [...this.#film.querySelectorAll("button")];
  }
}
