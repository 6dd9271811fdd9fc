/** The list of messages: one row for each address of each sender, told apart by words and shapes. */

import { icon, make, say } from "./watch-elements.js";

const SILENT_S = 2; // without a message for longer, a row says since when
const MOST_DRAWN = 300;

/** What a row is: {shape, word}. A disc means something, a triangle was refused, an octagon is bypassed. */
export function stateOf({ direction, reason, meaning, address }, bypassed) {
  if (bypassed.includes(address) && direction === "in") return { shape: "octagon", word: "bypassed", kind: "bypassed" };
  if (meaning.kind === "nothing") return { shape: "ring", word: meaning.words, kind: "nothing" };
  if (reason) return { shape: "triangle", word: direction === "in" ? "refused" : "not sent", kind: "refused" };
  return { shape: "disc", word: "", kind: meaning.kind };
}

/** 12 -> "12 s", 200 -> "3 min". */
export const ago = (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);

const plain = (text) => text.toLowerCase();

export class List {
  #element;
  #rows = new Map(); // id -> row of the wire
  #drawn = new Map(); // id -> its elements
  #now = 0;

  /** choose(row) is called for the row that is touched. */
  constructor(element, choose) {
    this.#element = element;
    element.addEventListener("click", ({ target }) => {
      const row = this.#rows.get(Number(target.closest("button")?.dataset.id));
      if (row) choose(row);
    });
  }

  /** The newest row of an address that comes in. */
  newest(address) {
    const mine = [...this.#rows.values()].filter((row) => row.address === address && row.direction === "in");
    return mine.sort((a, b) => b.at - a.at)[0] ?? null;
  }

  take({ whole, rows, now }) {
    if (whole) this.#rows.clear();
    for (const row of rows) this.#rows.set(row.id, row);
    this.#now = now;
  }

  /** Draws what passes: which is "in", "out" or "refused"; `filter` is looked for in address, sender and meaning. */
  draw({ which, filter, bypassed, chosen }) {
    const wanted = plain(filter);
    const shown = [...this.#rows.values()]
      .filter((row) => (which === "refused" ? row.refused > 0 : row.direction === which))
      .filter((row) => !wanted || [row.address, row.source, row.meaning.words, row.reason].some((text) => plain(text).includes(wanted)))
      .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : a.id - b.id))
      .slice(0, MOST_DRAWN);
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, { item }] of this.#drawn) if (!ids.has(id)) item.remove(), this.#drawn.delete(id);
    shown.forEach((row, i) => {
      const drawn = this.#drawn.get(row.id) ?? this.#make(row);
      if (this.#element.children[i] !== drawn.item) this.#element.insertBefore(drawn.item, this.#element.children[i] ?? null);
      this.#fill(drawn, row, bypassed, chosen);
    });
    return shown.length;
  }

  #make(row) {
    const part = (className) => make("span", { className });
    const [shape, address, value, meaning, source, rate, why] = [icon("disc"), part("address"), part("value number"), part("meaning"), part("source soft"), part("rate soft number"), part("why")];
    const button = make("button", {}, shape, address, value, meaning, source, rate, why);
    button.dataset.id = row.id;
    const item = make("li", {}, button);
    const drawn = { item, button, shape, address, value, meaning, source, rate, why };
    this.#drawn.set(row.id, drawn);
    return drawn;
  }

  #fill(drawn, row, bypassed, chosen) {
    const state = stateOf(row, bypassed);
    const silent = this.#now - row.at;
    drawn.button.dataset.kind = state.kind;
    drawn.button.setAttribute("aria-pressed", row.address === chosen);
    drawn.shape.dataset.shape = state.shape;
    say(drawn.address, row.address);
    say(drawn.value, row.value);
    say(drawn.meaning, [state.word, state.kind === "nothing" ? "" : row.meaning.words].filter(Boolean).join(": "));
    say(drawn.source, `${row.direction === "in" ? "from" : "to"} ${row.source}`);
    say(drawn.rate, silent > SILENT_S ? `silent ${ago(silent)}` : `${row.rate < 10 ? row.rate.toFixed(1) : Math.round(row.rate)} a second`);
    const refusals = row.refused && row.refused < row.count ? `${row.refused} of ${row.count} refused. ` : "";
    say(drawn.why, `${refusals}${row.reason.replace(`${row.address}: `, "")}`);
    drawn.why.hidden = !row.reason && !refusals;
  }
}
