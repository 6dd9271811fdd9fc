/** The sheet NOTE: what somebody wants to remember of this moment, written down with its time and cue. */

import { find, make } from "./elements.js";
import { called } from "./words.js";

const KEPT = 20; // notes that are shown again; the journal has them all

export class Notes {
  #current = null;

  /** send(name, fields, done) sends a command, and calls done() if it was obeyed; tell(sentence) says that it went well. */
  constructor(send, tell) {
    const field = find("#note textarea");
    const keep = () => {
      const text = field.value.trim();
      if (!text) return field.focus();
      const where = this.#current ? called(this.#current) : "before the first cue";
      send("note", { text }, () => {
        if (field.value.trim() === text) field.value = "";
        this.#list(text, where);
        tell("Noted.");
      });
    };
    find("#note form").onsubmit = (event) => {
      event.preventDefault();
      keep();
    };
    field.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      keep();
    };
  }

  draw({ notes, current }) {
    this.#current = current;
    find("#noted").textContent = notes === 1 ? "1 note in this run, with its time in the night's journal." : `${notes} notes in this run, with their times in the night's journal.`;
  }

  #list(text, where) {
    const item = make("li", "", text);
    item.prepend(make("small", "", `${new Date().toLocaleTimeString([], { hour12: false })} · ${where}`));
    const list = find("#notes");
    list.prepend(item);
    if (list.children.length > KEPT) list.lastChild.remove();
  }
}
