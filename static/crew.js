/** The sheet CREW: who else has a page open, how far behind each is, and who has the baton. */

import { find, make } from "./elements.js";

/** Whether somebody else has the baton, so that this page only watches. */
export const watches = ({ baton = null }, me) => baton !== null && baton.client !== me;

/** "3 pages · FOH tablet has the baton"; "" where there is nothing to say. Older servers tell of nobody. */
export function companyWords({ crew = [], baton = null }, me) {
  const pages = crew.length > 1 ? `${crew.length} pages` : "";
  const who = baton ? `${baton.client === me ? "you have" : `${baton.name} has`} the baton` : "";
  return [pages, who].filter(Boolean).join(" · ");
}

export class CrewSheet {
  #me;

  /** `me` is this page's client id; rename(name) lets the others know it by another name. */
  constructor(me, send, rename) {
    this.#me = me;
    find("#take-baton").onclick = () => send("baton", { on: find("#take-baton").dataset.on === "true" });
    find("#called").onsubmit = (event) => {
      event.preventDefault();
      const field = find("#called input");
      rename(field.value.trim());
      field.blur();
    };
  }

  draw({ crew = [], baton = null }) {
    const mine = baton?.client === this.#me;
    const free = "Nobody has the baton: every page may command.";
    const held = mine ? "You have the baton: the other pages watch. They can still panic, and take it." : `${baton?.name} has the baton. This page watches; it can panic, note, and take it.`;
    find("#baton").textContent = baton ? held : free;
    find("#baton").dataset.held = baton ? (mine ? "mine" : "other") : "free";
    find("#take-baton").textContent = mine ? "GIVE THE BATON BACK" : baton ? `TAKE IT FROM ${baton.name}` : "TAKE THE BATON";
    find("#take-baton").dataset.on = !mine;
    const key = JSON.stringify([crew.map(({ client, name, delay_ms: delay }) => [client, name, late(delay)]), baton]);
    const list = find("#members");
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(...crew.map((member) => this.#row(member, baton)));
  }

  #row({ client, name, role, address, delay_ms: delay }, baton) {
    const row = make("li", "");
    const holds = client === baton?.client;
    const shape = make("i", "shape");
    shape.dataset.shape = holds ? "baton" : delay > 1000 ? "triangle" : "disc";
    const facts = [client === this.#me ? "this page" : role, address, late(delay), holds ? "has the baton" : ""];
    row.append(shape, make("b", "", name), make("small", "soft", facts.filter(Boolean).join(" · ")));
    return row;
  }
}

/** How far behind a page is, roughly, so that the list does not flicker. */
function late(delay) {
  if (delay === null || delay === undefined) return "";
  return delay < 200 ? "in time" : `${(delay / 1000).toFixed(1)} s behind`;
}
