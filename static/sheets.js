/** The sheets behind MORE: one at a time, over the cue list, where they cover neither PANIC nor GO. */

import { find } from "./elements.js";

const tabs = () => [...document.querySelectorAll("[role=tab]")];

export class Sheets {
  #shown = "find"; // by MORE
  #seen = null;
  #change;

  /** change(name) is called with the sheet that is seen now, or null. */
  constructor(change = () => {}) {
    this.#change = change;
    find("#more").onclick = () => this.toggle();
    for (const tab of tabs()) {
      tab.setAttribute("aria-controls", tab.dataset.sheet);
      tab.onclick = () => this.open(tab.dataset.sheet);
      tab.onkeydown = ({ key }) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
        if (!step) return;
        const all = tabs();
        const next = all[(all.indexOf(tab) + step + all.length) % all.length];
        this.open(next.dataset.sheet);
        next.focus();
      };
    }
  }

  /** The name of the sheet that is seen, or null. */
  get seen() {
    return this.#seen;
  }

  toggle() {
    if (this.seen) this.close();
    else this.open(this.#shown);
  }

  open(name) {
    if (name !== "keys") this.#shown = name; // which one looks up once
    find("#sheets").hidden = false;
    for (const sheet of document.querySelectorAll(".sheet")) sheet.hidden = sheet.id !== name;
    this.#draw(name);
  }

  close() {
    find("#sheets").hidden = true;
    this.#draw(null);
  }

  #draw(name) {
    this.#seen = name;
    for (const tab of tabs()) {
      tab.setAttribute("aria-selected", tab.dataset.sheet === name);
      tab.tabIndex = tab.dataset.sheet === (name ?? this.#shown) || name === "keys" ? 0 : -1;
    }
    document.body.dataset.sheet = name ?? "";
    find("#more").setAttribute("aria-expanded", name !== null);
    find("#more span").textContent = name ? "CLOSE" : "MORE";
    this.#change(name);
  }
}
