/** What a script asks of the guests: the line in the light with what has been said of it, and words in ears. */

import { find, make } from "./elements.js";
import { past } from "./words.js";

/**
 * Draws lines and ears. say(seat, text) is asked for what somebody at the table has pressed or typed; hear(seat) is
 * told that a file in an ear is over, and answers whether that went out.
 */
export class Script {
  #say;
  #hear;
  #line = null; // as it was drawn: number, text and first wording
  #ears = new Map(); // "seat file" -> its card

  constructor(say, hear) {
    this.#say = say;
    this.#hear = hear;
    find("#line").onsubmit = (event) => {
      event.preventDefault();
      const { value } = find("#line input");
      if (!value.trim()) return find("#line input").focus();
      this.#utter(value);
      find("#line input").value = "";
      find("#line input").blur();
    };
    find("#say-it").onclick = () => this.#utter(this.#line.text);
    new ResizeObserver(() => this.#lay()).observe(find("#script"));
  }

  /** `line` and `next` of the state, or null; `ears` is a list; `saying`: whether this page speaks for somebody. */
  draw({ line, next_line: next, ears }, saying) {
    this.#drawLine(line, saying);
    this.#drawEars(ears);
    find("#then").textContent = line && next ? `then ${next.speaker}` : "";
    for (const place of document.querySelectorAll(".place")) {
      place.classList.toggle("lit", place.dataset.seat === line?.speaker);
    }
    document.body.classList.toggle("scripted", line !== null || ears.length > 0);
  }

  #utter(text) {
    if (this.#line) this.#say(this.#line.speaker, text);
  }

  #drawLine(line, saying) {
    find("#line").hidden = !line;
    if (!line) return (this.#line = null);
    if (line.number !== this.#line?.number) {
      this.#line = { ...line, first: line.text };
      find("#line input").value = "";
      this.#write(line);
    } else if (line.text !== this.#line.text) {
      this.#line.text = line.text;
      this.#write(line);
    }
    const words = [...find("#line .words").children];
    const gone = line.open ? 0 : past(line, words.length);
    words.forEach((word, place) => word.classList.toggle("said", place < gone));
    find("#say-it").disabled = saying;
    find("#line .who").textContent = this.#headline(line);
  }

  #headline({ speaker, open, text }) {
    if (open) return `${speaker}, in your own words`;
    return text === this.#line.first ? speaker : `${speaker}, or simply`;
  }

  #write({ text, open }) {
    const words = text.split(/\s+/).filter(Boolean);
    find("#line .words").replaceChildren(...words.flatMap((word) => [make("span", "", word), " "]));
    find("#line").dataset.open = open;
    find("#line input").placeholder = open ? "Type the answer" : "Or type what is said";
    this.#lay();
  }

  /** The card lies over its speaker's seat, and points at it. */
  #lay() {
    if (!this.#line) return;
    const room = find("#script").getBoundingClientRect();
    const seat = find(`.place[data-seat="${CSS.escape(this.#line.speaker)}"]`)?.getBoundingClientRect();
    const middle = seat ? seat.x + seat.width / 2 - room.x : room.width / 2;
    const width = find("#line").offsetWidth;
    const left = Math.max(0, Math.min(middle - width / 2, room.width - width));
    find("#line").style.setProperty("--left", `${left}px`);
    find("#line").style.setProperty("--seat", `${middle - left}px`);
  }

  #drawEars(ears) {
    const now = new Map(ears.map((ear) => [`${ear.role} ${ear.file}`, ear]));
    for (const [key, card] of this.#ears) {
      if (now.has(key)) continue;
      card.remove();
      this.#ears.delete(key);
    }
    for (const [key, ear] of now) {
      if (!this.#ears.has(key)) this.#ears.set(key, this.#ear(ear));
    }
  }

  #ear({ role, file, text }) {
    const card = make("li", "ear");
    const heard = make("button", "", "Heard");
    heard.setAttribute("aria-label", `${role} has heard it`);
    heard.onclick = () => {
      if (this.#hear(role)) card.classList.add("heard"); // it goes when the show has taken it
    };
    card.append(make("small", "", `in ${role}'s ear`), make("p", "", text || file), heard);
    find("#ears").append(card);
    return card;
  }
}
