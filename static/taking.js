/** What TAKE and SKIP are for on this page, and whether a hand can have meant it. Pure; `now` is in ms. */

import { waiting } from "./waiting.js";

const SEEN_MS = 400; // who taps twice, or as a guest ends the line, has not seen yet what came after

export class Taking {
  #shown = undefined; // number of the cue
  #since = -Infinity;
  #line = undefined;

  follow(state, now) {
    const cue = waiting(state)?.number;
    if (cue !== this.#shown) this.#since = now;
    this.#shown = cue;
    this.#line = state.line?.number;
  }

  /** The cue that "take" or "skip" would free, or undefined. */
  cue(name) {
    return name === "skip" ? this.#line : this.#shown;
  }

  /** Whether what is shown has been there for long enough to be meant. */
  seen(now) {
    return now - this.#since >= SEEN_MS;
  }
}
