/** The GO button: what it says, and the ring around it that closes until another GO is armed. */

import { Arming } from "./arming.js";
import { onPress } from "./device.js";
import { called } from "./words.js";

const WORDS = {
  offline: () => ["NOT CONNECTED", "nothing is sent"],
  locked: () => ["LOCKED", "hold UNLOCK down"],
  panic: () => ["PANIC", "leave it above"],
  held: () => ["HELD", "press RESUME first"],
  watching: ({ baton }) => ["WATCHING", `${baton.name} has the baton`],
  end: () => ["END", "touch a cue to stand it by"],
  running: ({ standby }) => ["GO", called(standby)],
};

const seconds = () => performance.now() / 1000;

export class GoButton {
  #button;
  #arming = new Arming();
  #ticking = false;

  /** fire() sends it, and answers whether it went out; early() is told of a press while it is not armed. */
  constructor(button, fire, early) {
    this.#button = button;
    this.press = () => {
      if (!this.#arming.armed(seconds())) return early();
      if (!fire()) return;
      this.#arming.pressed(seconds());
      this.#ring();
    };
    onPress(button, this.press);
  }

  /** A state has come. */
  follow({ now, armed_at: at = null }) {
    if (at !== null) this.#arming.follow(at - now, seconds());
  }

  /** It was refused: the next press counts. */
  refused() {
    this.#arming.refused();
    this.#ring();
  }

  /** `mode` is one of WORDS. What the machine says of its own rule comes with a state; older servers say nothing. */
  draw(mode, state) {
    const [word, detail] = WORDS[mode](state);
    this.#button.querySelector("b").textContent = word;
    this.#button.querySelector("span").textContent = detail;
    this.#ring();
  }

  #ring() {
    if (!this.#ticking) this.#tick();
  }

  #tick() {
    const closed = this.#arming.closed(seconds());
    this.#button.style.setProperty("--closed", closed);
    this.#button.dataset.armed = closed === 1;
    this.#ticking = closed < 1;
    if (this.#ticking) requestAnimationFrame(() => this.#tick());
  }
}
