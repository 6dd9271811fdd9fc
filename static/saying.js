/** A text said aloud, word by word, as a recogniser would hear it. Pure: `now` is an argument, in seconds. */

export const RATE = 2.6; // words a second
const BREATH_S = 0.3; // before the first word
const LAST_WORD_S = 0.4; // from the last word to the end of the utterance

export class Saying {
  #words;
  #since = null;
  #said = 0;
  #over = false;

  constructor(text) {
    this.#words = text.split(/\s+/).filter(Boolean);
  }

  get over() {
    return this.#over;
  }

  /** Moves on to `now`. Returns what has been heard since: {text, final}, or null for nothing new. */
  step(now) {
    this.#since ??= now;
    const spoken = now - this.#since - BREATH_S;
    const count = Math.min(this.#words.length, Math.max(0, Math.floor(spoken * RATE) + 1));
    const text = this.#words.slice(0, count).join(" ");
    if (!this.#over && spoken >= this.#words.length / RATE + LAST_WORD_S) {
      this.#over = true;
      return { text, final: true };
    }
    if (this.#over || count === this.#said) return null;
    this.#said = count;
    return { text, final: false };
  }
}
