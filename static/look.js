/** The sheet LOOK: a hand on the numbers of the look on stage, beside its picture; and what is made of it in the show file. */

import { onHold } from "./device.js";
import { find, make } from "./elements.js";
import { Fader } from "./fader.js";
import { seconds } from "./words.js";

const MEANT_MS = 700;
const PARTS = {
  psi: { words: "Psi", high: 1.5 },
  master: { words: "Light", high: 1 },
  speed: { words: "Walk speed", high: 4 },
  noise: { words: "Noise", high: 1 },
  shadows: { words: "Shadows", high: 1 },
  modes: { words: "Modes", high: 1 },
  bend: { words: "Bend", high: 1 },
  move: { words: "Towards", low: -4, high: 4 },
};
const ORDER = Object.keys(PARTS);
const LONGEST_FADE = 30; // seconds; longer ones are written in the file
const DEFAULT_FADE = 2; // seconds, of a cue that says nothing

const hundredths = (value) => Math.round(100 * value) / 100;

/** The parts of a look that a hand can move, in the order of the sheet: "psi", ..., "bend.melt", "move.lean". */
export function movable(parts) {
  const place = (part) => ORDER.indexOf(part.split(".")[0]);
  return Object.keys(parts)
    .filter((part) => place(part) >= 0)
    .sort((one, other) => place(one) - place(other) || one.localeCompare(other));
}

/** The run that keeps a cue from being changed: its own, or that of the group it is in. */
export function runsWith(cue, running) {
  const inside = (number) => cue === number || cue.startsWith(`${number}.`);
  return running.find(({ number, kind }) => inside(number) && (number === cue || kind === "group"));
}

export class LookSheet {
  #send;
  #faders = new Map(); // part -> Fader
  #fade = null;
  #state = null;

  constructor(send, tell) {
    this.#send = send;
    find("#look-rehearse").onclick = () => send("desk", { mode: "rehearsal" });
    find("#record").onsubmit = (event) => {
      event.preventDefault();
      const field = find("#record input");
      const name = field.value.trim();
      send("record", name ? { title: name } : {}, () => {
        field.value = "";
        field.blur();
        tell("Recorded: a new cue, after the one on stage.");
      });
    };
    onHold(find("#update"), MEANT_MS, () => this.#update(tell));
  }

  /** `look` of the state; older servers have none. */
  draw(state) {
    this.#state = state;
    const { look, desk } = state;
    const shut = desk === "show" || !look;
    find("#look-rehearse").hidden = desk !== "show";
    for (const selector of ["#faders", "#record", "#update"]) find(selector).hidden = shut;
    if (!look) return (find("#look-of").textContent = "This server tells nothing of the look on stage.");
    const whose = look.cue ? `Look of cue ${look.cue}` : "No cue's own look";
    find("#look-of").textContent = `${whose}${look.changed ? ": changed by hand" : ""}`;
    find("#look-of").dataset.changed = look.changed;
    this.#drawFaders(look);
    find("#update").hidden ||= !look.cue;
    const run = look.cue && runsWith(look.cue, state.running);
    find("#update").replaceChildren(`UPDATE ${look.cue} `, make("small", "", run ? `hold: stops ${run.number} first` : "hold"));
  }

  #drawFaders({ cue, parts, fades }) {
    const wanted = movable(parts);
    const key = [cue !== "", ...wanted].join(" ");
    const list = find("#faders");
    if (list.dataset.key !== key) {
      list.dataset.key = key;
      this.#faders = new Map();
      list.replaceChildren(...wanted.map((part) => this.#makeFader(part)));
      if (cue) list.append(this.#makeFade());
    }
    for (const [part, fader] of this.#faders) fader.follow(parts[part]);
    if (cue) this.#fade.follow(Math.min(LONGEST_FADE, fades.default ?? DEFAULT_FADE));
  }

  #makeFader(part) {
    const [kind, ...name] = part.split(".");
    const { words, low = 0, high } = PARTS[kind];
    const element = fader([words, ...name].join(" "), low, high);
    const send = (value) => this.#send("tweak", { part, value: hundredths(value) });
    this.#faders.set(part, new Fader(element, send, { low, high, say: (value) => value.toFixed(2), tell: hundredths }));
    return element;
  }

  /** How long this cue fades is nothing to be seen now: it goes into the file, once the hand rests. */
  #makeFade() {
    const element = fader("Fade", 0, LONGEST_FADE);
    const send = (value) => {
      const { cue, fades } = this.#state.look;
      const key = Object.keys(fades).some((part) => part !== "default") ? "fade.default" : "fade";
      this.#send("edit", { cue, key, value: Math.round(10 * value) / 10 });
    };
    this.#fade = new Fader(element, send, { low: 0, high: LONGEST_FADE, late: true, say: seconds, tell: hundredths });
    return element;
  }

  /** A cue that runs cannot change: it is stopped first, and the picture stays as it is. */
  #update(tell) {
    const { look, running } = this.#state;
    const run = runsWith(look.cue, running);
    const update = () => this.#send("update", { cue: look.cue }, () => tell(`Updated: cue ${look.cue} is what is on stage.`));
    if (run) this.#send("stop", { cue: run.number }, update);
    else update();
  }
}

function fader(words, low, high) {
  const element = make("div", "fader");
  element.tabIndex = 0;
  for (const [name, value] of Object.entries({ role: "slider", "aria-label": words, "aria-valuemin": low, "aria-valuemax": high })) {
    element.setAttribute(name, value);
  }
  element.append(make("div", "fill"), make("span", "", words), make("output", "number"));
  return element;
}
