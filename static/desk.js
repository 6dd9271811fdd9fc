/** The sheet DESK: what may be done to the show file, what runs and can be stopped, RESET, and this screen; and what is not saved. */

import { onHold } from "./device.js";
import { find, make } from "./elements.js";

const MEANT_MS = 700;
const RESET_MS = 1500;
const MOST_ENDED = 12; // rows of runs that have ended, before they go

export class DeskSheet {
  #send;

  constructor(send, tell) {
    this.#send = send;
    find("#modes").onclick = ({ target }) => target.dataset.mode && send("desk", { mode: target.dataset.mode });
    find("#commit").onclick = () => send("commit", {}, () => tell("Saved."));
    onHold(find("#revert"), MEANT_MS, () => send("revert", {}, () => tell("Undone: the show is played as it is on disk.")));
    find("#stop-all").onclick = () => send("stop");
    onHold(find("#reset"), RESET_MS, () => send("reset", {}, () => tell("Reset: everything is as in a fresh start.")));
  }

  /** Older servers tell nothing of drafts and journals. */
  draw(state) {
    const { desk, draft = false } = state;
    for (const button of find("#modes").children) button.setAttribute("aria-checked", button.dataset.mode === desk);
    find("#draft").hidden = !draft;
    find("#more").classList.toggle("draft", draft);
    this.#drawStops(state);
  }

  /**
   * One row with a STOP for each run. While the sheet is seen a row keeps its place, even when its run has ended, and
   * new ones come below: what is under a finger stays what it was.
   */
  #drawStops({ running }) {
    const list = find("#stops");
    if (!list.offsetParent) return list.replaceChildren();
    const runs = running.filter(({ phase }) => phase !== "after");
    const there = new Set(runs.map(({ number }) => number));
    if (list.children.length - there.size > MOST_ENDED) list.replaceChildren();
    const rows = new Map([...list.children].map((row) => [row.dataset.number, row]));
    for (const [number, row] of rows) row.lastChild.disabled = !there.has(number);
    list.append(...runs.filter(({ number }) => !rows.has(number)).map((run) => this.#row(run)));
  }

  #row({ number, name }) {
    const row = make("li", "row");
    const button = make("button", "", "STOP");
    button.setAttribute("aria-label", `STOP ${number}`);
    button.onclick = () => this.#send("stop", { cue: number });
    row.dataset.number = number;
    row.append(make("span", "", `${number} ${name}`), button);
    return row;
  }
}
