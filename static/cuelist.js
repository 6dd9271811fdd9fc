/** A list of cues as long as one likes: only the rows in sight are there. It never moves under a finger. */

import { make } from "./elements.js";

const SPARE = 8; // rows beyond both ends
const HANDS_OFF_MS = 6000; // after a touch it stays where it is for so long

export class CueList {
  #element;
  #room = make("div", "room"); // as high as all rows
  #rows = [];
  #drawn = new Map(); // place -> the element of its row
  #describe;
  #touchedAt = -Infinity;
  #height;

  /** describe(row) gives {number, name, detail, mark, state, trouble}; choose(row) is called for a touch. */
  constructor(element, describe, choose) {
    this.#element = element;
    this.#describe = describe;
    element.append(this.#room);
    element.addEventListener("scroll", () => this.#draw(), { passive: true });
    for (const name of ["pointerdown", "wheel", "touchmove"]) {
      element.addEventListener(name, () => (this.#touchedAt = performance.now()), { passive: true });
    }
    element.addEventListener("click", ({ target }) => {
      const item = target.closest("[role=listitem]");
      if (item) choose(this.#rows[item.dataset.place]);
    });
    new ResizeObserver(() => this.draw()).observe(element);
  }

  /** Other rows. The first row in sight stays where it is, if it is still there; `anew` begins at the top. */
  show(rows, anew = false) {
    const place = Math.floor(this.#element.scrollTop / this.#height) || 0;
    const number = this.#rows[place]?.number;
    const now = rows.findIndex((row) => row.number === number);
    this.#rows = rows;
    this.draw();
    if (anew) this.#element.scrollTop = 0;
    else if (now >= 0) this.#element.scrollTop += (now - place) * this.#height;
    this.#draw();
  }

  /** Draws what may have changed of the rows in sight. */
  draw() {
    this.#height = parseFloat(getComputedStyle(this.#element).getPropertyValue("--row"));
    this.#room.style.height = `${this.#rows.length * this.#height}px`;
    this.#draw();
  }

  /** Brings a row into sight, unless a hand is or was just there. */
  reveal(number) {
    if (performance.now() - this.#touchedAt < HANDS_OFF_MS) return;
    const place = this.#rows.findIndex((row) => row.number === number);
    const { scrollTop, clientHeight } = this.#element;
    const top = place * this.#height;
    if (place < 0 || !clientHeight || (top >= scrollTop && top + this.#height <= scrollTop + clientHeight)) return;
    this.#element.scrollTop = top - (clientHeight - this.#height) / 3;
    this.#draw();
  }

  #draw() {
    const { scrollTop, clientHeight } = this.#element;
    if (!clientHeight) return;
    const first = Math.max(0, Math.floor(scrollTop / this.#height) - SPARE);
    const last = Math.min(this.#rows.length, Math.ceil((scrollTop + clientHeight) / this.#height) + SPARE);
    for (const [place, item] of this.#drawn) {
      if (place >= first && place < last) continue;
      item.remove();
      this.#drawn.delete(place);
    }
    for (let place = first; place < last; place++) this.#write(this.#drawn.get(place) ?? this.#item(place), this.#rows[place]);
  }

  #item(place) {
    const item = make("div", "");
    item.setAttribute("role", "listitem");
    item.setAttribute("aria-posinset", place + 1);
    item.dataset.place = place;
    item.style.transform = `translateY(${place * this.#height}px)`;
    const button = make("button", "");
    button.append(make("b", "number"), make("span", "name"), make("small", "detail"), make("small", "mark"));
    item.append(button);
    const after = [...this.#drawn.keys()].filter((other) => other > place);
    this.#room.insertBefore(item, after.length ? this.#drawn.get(Math.min(...after)) : null); // Tab goes down the list
    this.#drawn.set(place, item);
    return item;
  }

  #write(item, row) {
    const { number, name, detail, mark, state, trouble = false } = this.#describe(row);
    const key = [number, name, detail, mark, state, trouble, this.#rows.length].join("\n");
    if (item.dataset.key === key) return;
    item.dataset.key = key;
    item.setAttribute("aria-setsize", this.#rows.length);
    const button = item.firstChild;
    [...button.children].forEach((part, nth) => (part.textContent = [number, name, detail, mark][nth]));
    button.dataset.number = number;
    button.dataset.state = state;
    button.style.setProperty("--depth", row.depth);
    button.lastChild.classList.toggle("trouble", trouble);
    if (state === "current") button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  }
}
