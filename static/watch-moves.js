/** The moves of a hand: the buttons under the picture, and the keys. */

import { find, say } from "./watch-elements.js";

export class Moves {
  #time;
  #pictures;

  constructor(time, pictures) {
    this.#time = time;
    this.#pictures = pictures;
    find("#play").onclick = () => time.play();
    find("#best").onclick = () => time.goTo(time.best);
    find("#newest").onclick = () => time.goTo(time.newest);
    find("#one").onclick = () => pictures.pick(pictures.seed === null ? 0 : null);
    const [before, after] = document.querySelectorAll("#seed button");
    before.onclick = () => pictures.step(-1);
    after.onclick = () => pictures.step(1);
    addEventListener("keydown", (event) => this.#press(event));
  }

  draw() {
    const { index, newest, best, withNewest, playing } = this.#time;
    const { seed } = this.#pictures;
    find("#play .shape").dataset.shape = playing ? "pause" : "play";
    say(find("#play span"), playing ? "Pause" : "Play");
    find("#play").disabled = newest < 1;
    find("#best").disabled = best < 0;
    find("#best").setAttribute("aria-pressed", String(best >= 0 && index === best));
    find("#newest").setAttribute("aria-pressed", String(withNewest));
    find("#one").setAttribute("aria-pressed", String(seed !== null));
    say(find("#one span"), seed === null ? "One seed" : "All seeds");
    say(find("#seed b"), seed === null ? "" : `seed ${seed}`);
  }

  #press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const time = this.#time;
    const leap = Math.max(1, Math.round((time.newest + 1) / 10));
    const moves = {
      ArrowLeft: () => time.goTo(time.index - 1), ArrowRight: () => time.goTo(time.index + 1),
      Home: () => time.goTo(0), End: () => time.goTo(time.newest),
      ...(event.target === find("#time") && { PageDown: () => time.goTo(time.index - leap), PageUp: () => time.goTo(time.index + leap) }),
      b: () => (time.best < 0 ? time.stop() : time.goTo(time.best)), p: () => time.play(),
      Escape: () => (time.stop(), this.#pictures.pick(null)),
    }; // prettier-ignore
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  }
}
