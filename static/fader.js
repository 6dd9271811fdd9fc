/** A fader that a touch never makes jump: it moves by as much as the finger moves. */

const SEND_MS = 50; // at most 20 values a second; the last one always goes out
const STEPS = 20; // presses of an arrow key from end to end
const MASTER = { low: 0, high: 1, say: (value) => `${Math.round(100 * value)} %`, tell: (value) => Math.round(100 * value) };

export class Fader {
  #element;
  #send;
  #range;
  #value;
  #held = null; // {pointer, x, value} while a finger is on it
  #timer = 0;

  /**
   * send(value) is called while somebody moves it or, with `late`, once the hand has come to rest. The range goes from `low`
   * to `high`; `say` writes a value, `tell` gives it to screen readers.
   */
  constructor(element, send, range = {}) {
    this.#element = element;
    this.#send = send;
    this.#range = { ...MASTER, ...range };
    this.#value = this.#range.low;
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      this.#held = { pointer: event.pointerId, x: event.clientX, value: this.#value };
    });
    element.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.#held?.pointer) return;
      const { low, high } = this.#range;
      this.#move(this.#held.value + ((event.clientX - this.#held.x) / element.clientWidth) * (high - low));
    });
    for (const name of ["pointerup", "pointercancel"]) {
      element.addEventListener(name, () => {
        this.#held = null;
        if (this.#timer && this.#range.late) this.#rest();
      });
    }
    element.addEventListener("keydown", (event) => {
      const sign = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!sign) return;
      event.preventDefault();
      this.#move(this.#value + (sign * (this.#range.high - this.#range.low)) / STEPS);
    });
  }

  /** What the show says it is. Ignored while a hand says otherwise. */
  follow(value) {
    if (!this.#held && !this.#timer) this.#draw(value);
  }

  #move(value) {
    const { low, high, late } = this.#range;
    const clipped = Math.min(high, Math.max(low, value));
    if (clipped === this.#value) return;
    this.#draw(clipped);
    if (late) clearTimeout(this.#timer);
    if (late || !this.#timer) this.#timer = setTimeout(() => this.#rest(), late ? 10 * SEND_MS : SEND_MS);
  }

  #rest() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#send(this.#value);
  }

  #draw(value) {
    const { low, high, say, tell } = this.#range;
    this.#value = value;
    this.#element.querySelector(".fill").style.transform = `scaleX(${(value - low) / (high - low)})`;
    this.#element.querySelector("output").textContent = say(value);
    this.#element.setAttribute("aria-valuenow", tell(value));
    this.#element.setAttribute("aria-valuetext", say(value));
  }
}
