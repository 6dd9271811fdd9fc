/** What the operator's page draws of the show itself: on stage, standby, the way out of a panic, and how the machine is. */

import { companyWords } from "./crew.js";
import { find } from "./elements.js";
import { drawRunning, drawWaiting } from "./waiting.js";
import { called, comeBack, networkState, pictureFigures, pictureState, seconds } from "./words.js";

const write = (selector, text) => (find(selector).textContent = text);
const shape = (selector, name) => (find(selector).dataset.shape = name);

function drawCue(selector, cue, otherwise) {
  write(`${selector} .cue b`, cue?.number ?? "");
  write(`${selector} .cue span`, cue?.name ?? otherwise);
}

const networkWords = (cue, state, networks) => {
  const name = cue && networks[cue.number];
  return name ? networkState(name, state.renderer.networks[name], state.troubles[cue.number]) : "";
};

export function drawLink(fresh) {
  shape("#link .shape", fresh ? "disc" : "cross");
  write("#link b", fresh ? "connected" : "NOT CONNECTED");
}

/** Once a state. `networks`: cue number -> the name of its network; `me` is this page's client id; `own` is its own worry. */
export function drawShow(state, networks, me, own) {
  const { mode, current, standby, blackout, desk, draft = false, journal = { ok: true, words: "" }, restored = null, warnings = [] } = state;
  drawCue("#now", current, "the safe look, before the first cue");
  drawCue("#next", standby, "nothing: the show is at its end");
  write("#now .notes", current?.notes ?? "");
  write("#next .notes", standby?.notes ?? "");
  const waiting = networkWords(standby, state, networks);
  write("#next .network", waiting);
  find("#next .network").hidden = !waiting;
  find("#next .network").dataset.shape = state.troubles[standby?.number] ? "failed" : "loading";

  const inPanic = mode === "panic";
  find("#next").hidden = inPanic;
  find("#wayout").hidden = !inPanic;
  write("#panic b", inPanic ? "AGAIN: CUT" : "PANIC");
  write("#resume-panic span", current ? `Back to ${called(current)}` : "Back to the start");
  find("#goto-standby").hidden = !standby;
  if (standby) write("#goto-standby span", `On to ${called(standby)}`);
  find("#restored").hidden = !restored || mode !== "held";
  if (restored) write("#restored p", comeBack(restored));

  find("#blackout").setAttribute("aria-pressed", blackout);
  write("#blackout span", blackout ? "BLACK: LIGHT UP" : "BLACKOUT");
  find("#hold").setAttribute("aria-pressed", mode === "held");
  write("#hold span", mode === "held" ? "RESUME" : "HOLD");
  shape("#hold .shape", mode === "held" ? "play" : "pause");

  write("#mode", draft ? `${desk}, not saved` : desk);
  write("#company", companyWords(state, me));
  find("#journal").hidden = journal.ok;
  write("#journal span", journal.words);
  const worries = [...warnings, own].filter(Boolean);
  find("#warnings").hidden = !worries.length;
  find("#warnings").classList.toggle("mild", !warnings.length);
  shape("#warnings .shape", warnings.length ? "octagon" : "triangle");
  write("#warnings span", worries.join(" · "));
  drawWaiting(state);
}

/** What changes between two states, `since` seconds after the newest: the countdowns and the age of the last frame. */
export function tickShow(state, networks, fresh, since) {
  const elapsed = state.mode === "held" ? 0 : since;
  const left = (running) => Math.max(0, running.remaining - elapsed);
  const { fade, pending, renderer, current } = state;

  const lines = [];
  const network = networkWords(current, state, networks);
  if (network) lines.push(state.troubles[current.number] ? `${network}. The picture before it goes on` : network);
  if (fade) lines.push(`fade: ${seconds(left(fade))} of ${seconds(fade.duration)} left`);
  if (pending) lines.push(`cue ${pending.number} by itself in ${seconds(left(pending))}`);
  write("#now > .bar p", lines.join(" · "));
  find("#now > .bar").toggleAttribute("data-empty", lines.length === 0);
  find("#now > .bar div").style.transform = `scaleX(${fade?.duration ? left(fade) / fade.duration : 0})`;
  drawRunning(state, elapsed);

  const picture = fresh ? pictureState(renderer) : { shape: "ring", text: "picture unknown" };
  shape("#renderer .shape", picture.shape);
  write("#renderer span", picture.text);
  const age = renderer.frame_age === null ? null : renderer.frame_age + since;
  write("#figures", fresh ? pictureFigures(renderer.fps, age) : "");
}
