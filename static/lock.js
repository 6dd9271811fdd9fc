/** A page that only watches: everything but PANIC is still, until LOCK is held down. It outlives a reload. */

import { onHold } from "./device.js";
import { find } from "./elements.js";
import { keep, kept } from "./storage.js";

const UNLOCK_MS = 1000;
const KEY = "marrow.locked";

/** What stays alive: PANIC, and the way out. */
const STILL = ["#blackout", "#master", "#cues", "#middle", "#sheets", "#back", "#hold", "#more"];

export class Lock {
  #change;

  /** change() is told when it is locked or unlocked. */
  constructor(change) {
    this.#change = change;
    this.on = kept("sessionStorage", KEY) === "yes";
    const button = find("#lock");
    let unlocks = false; // this press may: it began on a locked page
    let done = false; // this press has, and the finger or the key is still to leave
    const begin = () => ([unlocks, done] = [this.on, false]);
    button.addEventListener("pointerdown", begin);
    button.addEventListener("keydown", ({ repeat }) => repeat || begin());
    button.onclick = () => this.on || done || this.set(true);
    onHold(button, UNLOCK_MS, () => {
      if (!unlocks) return;
      done = true;
      this.set(false);
    });
    this.#draw();
  }

  set(on) {
    this.on = on;
    keep("sessionStorage", KEY, on ? "yes" : "no");
    this.#draw();
    this.#change();
  }

  #draw() {
    for (const selector of STILL) find(selector).inert = this.on;
    find("#lock").setAttribute("aria-pressed", this.on);
    find("#lock span").textContent = this.on ? "UNLOCK" : "LOCK";
    find("#lock").setAttribute("aria-label", this.on ? "UNLOCK: hold it down" : "LOCK");
  }
}
