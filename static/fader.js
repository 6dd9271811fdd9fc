/** A fader that a touch never makes jump: it moves by as much as the finger moves. Values 0 to 1. */

const SEND_MS = 50; // at most 20 values a second; the last one always goes out
const STEP = 0.05; // an arrow key

export class Fader {
  #element;
  #send;
  #value = 1;
  #held = null; // {pointer, x, value} while a finger is on it
  #timer = 0;

  /** send(value) is called while somebody moves it. */
  constructor(element, send) {
    this.#element = element;
    this.#send = send;
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      this.#held = { pointer: event.pointerId, x: event.clientX, value: this.#value };
    });
    element.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.#held?.pointer) return;
      this.#move(this.#held.value + (event.clientX - this.#held.x) / element.clientWidth);
    });
    for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, () => (this.#held = null));
    element.addEventListener("keydown", ({ key }) => {
      const sign = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[key];
      if (sign) this.#move(this.#value + sign * STEP);
    });
  }

  /** What the show says it is. Ignored while a hand says otherwise. */
  follow(value) {
    if (!this.#held && !this.#timer) this.#draw(value);
  }

  #move(value) {
    this.#draw(Math.min(1, Math.max(0, value)));
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.#send(this.#value);
    }, SEND_MS);
  }

  #draw(value) {
    this.#value = value;
    const percent = Math.round(100 * value);
    this.#element.querySelector(".fill").style.transform = `scaleX(${value})`;
    this.#element.querySelector("output").textContent = `${percent} %`;
    this.#element.setAttribute("aria-valuenow", percent);
  }
}
