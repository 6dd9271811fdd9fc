/** The sheet CUES: all of them, parts of groups too; found by number, name, guest and words, and then stood by, gone to or fired. */

import { CueList } from "./cuelist.js";
import { onHold } from "./device.js";
import { find } from "./elements.js";
import { find as search } from "./finding.js";
import { called } from "./words.js";

const MEANT_MS = 700; // held down for so long, it is meant

export class Jump {
  #rows = [];
  #list;
  #chosen = null;
  #found = [];
  #desk = "edit";
  #standby = null; // its number, as it was last brought into sight

  /** send(name, fields) sends a command; marks(row) -> {mark, state, trouble} of a row; `done` is called after one. */
  constructor(send, marks, done) {
    this.#list = new CueList(find("#results"), (row) => this.#describe(row, marks(row)), (row) => this.#choose(row));
    const field = find("#seek input");
    field.oninput = () => this.#seek(true);
    find("#seek").onsubmit = (event) => {
      event.preventDefault();
      if (this.#found.length) this.#choose(this.#found[0]);
      field.blur(); // and the keyboard goes
    };
    const act = (name) => () => {
      if (!this.#chosen) return;
      send(name, { cue: this.#chosen.number });
      done();
    };
    find("#chosen-standby").onclick = act("standby");
    onHold(find("#chosen-goto"), MEANT_MS, act("goto"));
    onHold(find("#chosen-fire"), MEANT_MS, act("fire"));
    this.#drawChosen();
  }

  /** Another list: rows as `flatten` gives them. */
  show(rows) {
    this.#rows = rows;
    this.#chosen = rows.find(({ number }) => number === this.#chosen?.number) ?? null;
    this.#seek();
    this.#drawChosen();
  }

  draw({ desk, standby }) {
    this.#list.draw();
    if (standby?.number !== this.#standby) this.#list.reveal(standby?.number);
    this.#standby = standby?.number;
    if (desk !== this.#desk) this.#drawChosen(desk);
  }

  #seek(anew = false) {
    const text = find("#seek input").value;
    this.#found = search(this.#rows, text);
    this.#list.show(this.#found, anew);
    const count = this.#found.length;
    find("#found").textContent = text.trim() ? (count ? `${count} fit` : "nothing fits") : `${count} cues`;
  }

  #describe(row, marked) {
    const said = row.words ? `“${row.words}”` : row.kind;
    return { ...row, ...marked, detail: [row.who.join(", "), said].filter(Boolean).join(" · "), state: row === this.#chosen ? "chosen" : marked.state };
  }

  #choose(row) {
    this.#chosen = row;
    this.#list.draw();
    this.#drawChosen();
  }

  /** A part of a group can only be fired, and that only while nobody plays to an audience. */
  #drawChosen(desk = this.#desk) {
    this.#desk = desk;
    const row = this.#chosen;
    find("#chosen p").textContent = row ? `${called(row)}${row.listed ? "" : ", part of a group"}` : "Touch a cue to choose it.";
    find("#chosen-standby").disabled = find("#chosen-goto").disabled = !row?.listed;
    find("#chosen-fire").disabled = !row || desk === "show";
  }
}
