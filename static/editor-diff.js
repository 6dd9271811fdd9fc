/** What a draft changes, in words and line by line: gone and come by sign and word as well as by colour. */

import { make } from "./elements.js";

const SIGNS = { "-": "gone", "+": "new", " ": "", "@": "" };

/** The dialog before SAVE. What is saved is what it shows, or nothing. */
export class Changes {
  #dialog;
  #shown = ""; // digest of the text whose difference it is

  /** ask(name, fields) asks for a "commit" or a "revert". */
  constructor(dialog, ask) {
    this.#dialog = dialog;
    const button = (id, does) => {
      dialog.querySelector(id).onclick = () => {
        dialog.close();
        does();
      };
    };
    button("#save", () => ask("commit", { digest: this.#shown }));
    button("#revert", () => ask("revert"));
  }

  open(show) {
    this.#draw(show);
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** The file is another. */
  update(show) {
    if (!this.#dialog.open) return;
    if (show.draft) this.#draw(show);
    else this.#dialog.close(); // somebody else has saved it, or has put it back
  }

  #draw({ digest, diff: { words, lines } }) {
    this.#shown = digest;
    const sentences = words.length ? words : ["Only comments or spacing."];
    this.#dialog.querySelector(".sentences").replaceChildren(...sentences.map((sentence) => make("li", "", sentence)));
    this.#dialog.querySelector(".lines").replaceChildren(...lines.map(drawLine));
  }
}

function drawLine({ mark, old, new: now, text }) {
  const line = make("li");
  line.dataset.mark = mark;
  if (mark === "@") line.append(make("span", "soft", "⋯"));
  else line.append(make("span", "number soft", String(now ?? old)), make("b", "", SIGNS[mark]), make("code", "", `${mark === " " ? " " : mark} ${text}`));
  return line;
}
