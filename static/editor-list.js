/** The list of cues with its groups: one is chosen, several are ticked, and a hand drags them to another place. */

import { make } from "./elements.js";

const EDGE_PX = 60; // near an edge the list scrolls under the hand
const EDGE_STEP = 12;

/** choose(number), move(number, place) and ticked() are told what a hand does. */
export class EditList {
  #element;
  #does;
  #rows = [];
  #open = new Set();
  #ticks = new Set();
  #drag = null;
  chosen = "";
  picking = false;
  shut = false;

  constructor(element, does) {
    this.#element = element;
    this.#does = does;
    element.addEventListener("pointerdown", (event) => this.#grip(event));
    element.addEventListener("pointermove", (event) => this.#pull(event));
    element.addEventListener("pointerup", () => this.#drop(true));
    element.addEventListener("pointercancel", () => this.#drop(false));
    element.addEventListener("click", (event) => this.#click(event));
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  get ticks() {
    return this.#rows.map(({ cue }) => cue.number).filter((number) => this.#ticks.has(number));
  }

  /** Rows as flatten gives them; `onStage` is the number of the cue whose look it is. */
  draw(rows, onStage) {
    this.#rows = rows;
    const numbers = new Set(rows.map(({ cue }) => cue.number));
    for (const number of [...this.#ticks]) if (!numbers.has(number)) this.#ticks.delete(number);
    for (let one = this.#row(this.chosen); one?.group; one = this.#row(one.group)) this.#open.add(one.group);
    const hidden = new Set();
    const items = [];
    for (const { cue, group, depth } of rows) {
      if (hidden.has(group) || (group && !this.#open.has(group))) {
        hidden.add(cue.number);
        continue;
      }
      items.push(this.#item(cue, depth, cue.number === onStage));
    }
    const focused = document.activeElement?.closest("#list li")?.dataset.number;
    this.#element.replaceChildren(...items);
    this.#element.dataset.picking = this.picking;
    if (focused) this.#find(focused)?.querySelector(".name")?.focus({ preventScroll: true });
  }

  /** Brings the chosen cue into sight. */
  show() {
    this.#find(this.chosen)?.scrollIntoView({ block: "nearest" });
  }

  clear() {
    this.#ticks.clear();
  }

  #row = (number) => this.#rows.find(({ cue }) => cue.number === number);
  #find = (number) => this.#element.querySelector(`li[data-number="${CSS.escape(number)}"]`);

  #item(cue, depth, onStage) {
    const item = make("li", cue.kind === "group" ? "group" : "");
    item.dataset.number = cue.number;
    item.style.setProperty("--depth", depth);
    const grip = make("button", "grip", this.picking ? (this.#ticks.has(cue.number) ? "☑" : "☐") : "≡");
    grip.setAttribute("aria-label", this.picking ? `Select cue ${cue.number}` : `Drag cue ${cue.number}`);
    if (this.picking) grip.setAttribute("aria-pressed", this.#ticks.has(cue.number));
    grip.disabled = this.shut;
    const name = make("button", "name", make("b", "number", cue.number), make("span", "", cue.name), make("small", "soft", words(cue)));
    name.setAttribute("aria-current", cue.number === this.chosen);
    item.append(grip, name);
    if (onStage) name.append(make("small", "stage", "● on stage"));
    if (cue.kind === "group") {
      const open = this.#open.has(cue.number);
      const fold = make("button", "fold", open ? "▾" : `▸ ${cue.cue?.length ?? 0}`);
      fold.setAttribute("aria-label", `${open ? "Close" : "Open"} group ${cue.number}`);
      fold.setAttribute("aria-expanded", open);
      item.append(fold);
    }
    return item;
  }

  #click({ target }) {
    const number = target.closest("li")?.dataset.number;
    if (!number) return;
    if (target.closest(".fold")) {
      if (!this.#open.delete(number)) this.#open.add(number);
      if (!this.#open.has(number)) this.#does.choose(number);
    } else if (target.closest(".grip")) {
      if (!this.picking) return;
      if (!this.#ticks.delete(number)) this.#ticks.add(number);
      this.#does.ticked();
    } else if (target.closest(".name")) return this.#does.choose(number);
    this.#does.redraw();
  }

  #key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    const items = [...this.#element.children];
    const next = items[items.findIndex((item) => item.contains(document.activeElement)) + by];
    if (!next) return;
    event.preventDefault();
    next.querySelector(".name").focus();
  }

  // --- dragging ------------------------------------------------------------------------------------------------

  #grip(event) {
    const grip = event.target.closest(".grip");
    if (!grip || this.picking || this.shut) return;
    event.preventDefault();
    this.#element.setPointerCapture(event.pointerId);
    this.#drag = { pointer: event.pointerId, number: grip.closest("li").dataset.number, from: event.clientY, place: null };
    grip.closest("li").dataset.dragged = true;
  }

  #pull(event) {
    if (event.pointerId !== this.#drag?.pointer) return;
    const box = this.#element.getBoundingClientRect();
    const moved = event.clientY - this.#drag.from; // a cue that is taken near an edge must not run away
    if (event.clientY < box.top + EDGE_PX && moved < -EDGE_PX / 2) this.#element.scrollTop -= EDGE_STEP;
    if (event.clientY > box.bottom - EDGE_PX && moved > EDGE_PX / 2) this.#element.scrollTop += EDGE_STEP;
    for (const item of this.#element.children) delete item.dataset.drop;
    const over = [...this.#element.children].find((item) => {
      const { top, bottom } = item.getBoundingClientRect();
      return event.clientY >= top && event.clientY < bottom;
    });
    this.#drag.place = null;
    if (!over || over.dataset.number === this.#drag.number) return;
    const { top, height } = over.getBoundingClientRect();
    const at = (event.clientY - top) / height;
    const where = over.classList.contains("group") && at > 0.3 && at < 0.7 ? "into" : at < 0.5 ? "before" : "after";
    over.dataset.drop = where;
    this.#drag.place = { [where]: over.dataset.number };
  }

  #drop(meant) {
    const drag = this.#drag;
    this.#drag = null;
    for (const item of this.#element.children) {
      delete item.dataset.drop;
      delete item.dataset.dragged;
    }
    if (meant && drag?.place) this.#does.move(drag.number, drag.place);
  }
}

/** What kind of cue it is, and what comes after it. */
function words(cue) {
  const follow = cue.follow === undefined || cue.follow === "manual" ? "" : typeof cue.follow === "number" ? `then after ${cue.follow} s` : cue.follow === "done" ? "then the next" : "and the next";
  return [cue.kind ?? "look", cue.armed === false ? "disarmed" : "", follow].filter(Boolean).join(" · ");
}
