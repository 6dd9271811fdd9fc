/** The form of the chosen cue. What a hand is doing in it is never drawn over: that waits until the hand is done. */

import { field } from "./editor-fields.js";
import { sections } from "./editor-kinds.js";
import { make } from "./elements.js";
import { called } from "./words.js";

export class EditForm {
  #form;
  #set;
  #say;
  #context = null;
  #dragging = false; // a slider is held
  #typing = false; // there are words that were not handed over
  #asked = new Set(); // answers that are still to come, and stand at their field
  #late = false;

  /** set(cue, key, value) gives a promise of a reply {ok, reason}; say(reason) is for a refusal whose field is gone. */
  constructor(form, set, say) {
    this.#form = form;
    this.#set = set;
    this.#say = say;
    form.onsubmit = (event) => event.preventDefault();
    form.addEventListener("pointerdown", ({ target }) => (this.#dragging = target.matches("input[type=range]")));
    for (const name of ["pointerup", "pointercancel"]) {
      addEventListener(name, () => {
        this.#dragging = false;
        this.#catchUp();
      });
    }
    form.addEventListener("input", ({ target }) => (this.#typing = target.matches("input:not([type=range]), textarea")));
    form.addEventListener("change", () => (this.#typing = false));
    form.addEventListener("focusout", () => {
      this.#typing = false;
      this.#catchUp();
    });
  }

  /** Draws `context` (cue, shut, choices, ranges, scene, live), null for no cue; `another` than before, whatever the hand does. */
  draw(context, another = false) {
    this.#context = context;
    this.#late = !another && (this.#dragging || this.#typing || this.#asked.size > 0);
    if (this.#late) return;
    const kept = another ? null : this.#focused();
    const top = another ? 0 : this.#form.scrollTop;
    this.#form.replaceChildren(...(context ? this.#parts(context) : [make("p", "soft", "Choose a cue.")]));
    this.#form.scrollTop = top;
    kept?.();
  }

  /** Hands over what is typed -> whether all that was handed over is taken, once it is answered. */
  async settled() {
    if (this.#typing) document.activeElement.blur();
    return (await Promise.all(this.#asked)).every(({ ok }) => ok);
  }

  #parts(context) {
    const { cue } = context;
    const parts = sections(cue.kind ?? "look").map(([words, fields]) => {
      const part = make("section", "", ...(words ? [make("h2", "", words)] : []));
      part.append(...fields.map((spec) => field(spec, context, (key, value) => this.#hand(part, cue, key, value))));
      return part;
    });
    return [make("h2", "title", called(cue)), ...parts];
  }

  async #hand(part, cue, key, value) {
    const asked = this.#set(cue, key, value);
    this.#asked.add(asked);
    const reply = await asked;
    this.#asked.delete(asked);
    if (reply.ok) this.#catchUp();
    else if (!part.isConnected) this.#say(reply.reason);
    return reply;
  }

  /** Draws what had to wait, once the focus is where it goes. */
  #catchUp() {
    setTimeout(() => this.#late && this.draw(this.#context));
  }

  /** What brings the focus back to where it was, and what was marked there: the same control of the same field, which may have grown. */
  #focused() {
    const had = document.activeElement;
    const key = had.closest(".field")?.dataset.key;
    if (!key || !this.#form.contains(had)) return null;
    const all = () => [...this.#form.querySelectorAll(`.field[data-key="${key}"] ${had.tagName}`)].filter((one) => one.ariaLabel === had.ariaLabel);
    const nth = all().indexOf(had);
    const { selectionStart: from = null, selectionEnd: to } = had;
    return () => {
      const has = all()[nth];
      has?.focus({ preventScroll: true });
      if (from !== null && has?.selectionStart != null) has.setSelectionRange(from, to);
    };
  }
}
