/** A page that only watches: everything but PANIC is still, until LOCK is held down. It outlives a reload. */

import { onHold } from "./device.js";
import { keep, kept } from "./storage.js";

const UNLOCK_MS = 1000;
const KEY = "marrow.locked";

/** What stays alive: PANIC, and the way out. */
const STILL = ["#blackout", "#master", "#cues", "#middle", "#sheets", "#back", "#hold", "#more"];

const find = (selector) => document.querySelector(selector);

export class Lock {
  #change;

  /** change() is told when it is locked or unlocked. */
  constructor(change) {
    this.#change = change;
    this.on = kept("sessionStorage", KEY) === "yes";
    const button = find("#lock");
    let armedAt = 0; // the press that locks must not begin to unlock
    button.onclick = () => {
      if (this.on || performance.now() < armedAt) return;
      this.set(true);
    };
    onHold(button, UNLOCK_MS, () => {
      if (!this.on) return;
      armedAt = performance.now() + UNLOCK_MS; // the finger is still to leave
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
