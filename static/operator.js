/** The operator's page: draws the state, sends commands now or not at all. */

import { holdStill, onHold, onPress, stayAwake } from "./device.js";
import { Fader } from "./fader.js";
import { Link } from "./link.js";
import { showIn } from "./picture.js";
import { command, controlSocket, fetchInfo, parseMessage } from "./protocol.js";
import { drawRunning, drawStops, drawWaiting } from "./waiting.js";
import { called, comeBack, networkState, pictureFigures, pictureState, seconds, timing } from "./words.js";

const TICK_MS = 100;
const REFUSAL_MS = 6000;
const ANSWER_MS = 1500;
const RESET_MS = 1500; // held down for so long, it is meant

const find = (selector) => document.querySelector(selector);
const write = (selector, text) => (find(selector).textContent = text);
const shape = (selector, name) => (find(selector).dataset.shape = name);

let state = null; // the newest, and when it came
let stateAt = 0;
let networks = {}; // cue number -> the name of its network
const unanswered = new Map(); // command id -> {timer, done}

const link = new Link(controlSocket("operator"), (data) => receive(parseMessage(data)), (fresh) => fresh || draw());

function receive(message) {
  switch (message.type) {
    case "cues":
      document.title = `${message.title} · Operator`;
      networks = Object.fromEntries(message.cues.map((cue) => [cue.number, cue.network]));
      return drawCues(message.cues);
    case "state": {
      const serial = state?.refused?.serial ?? 0;
      const failures = state?.failed?.serial ?? 0;
      if (state && message.refused && message.refused.serial !== serial) say(message.refused.reason);
      if (state && message.failed && message.failed.serial !== failures) say(`Cue ${message.failed.number}: ${message.failed.reason}.`);
      state = message;
      stateAt = performance.now();
      return draw();
    }
    case "reply":
      clearTimeout(unanswered.get(message.id)?.timer);
      if (message.ok) unanswered.get(message.id)?.done();
      unanswered.delete(message.id);
      return message.ok || say(message.reason);
    case "error":
      return say(message.reason);
  }
}

// --- commands --------------------------------------------------------------------------------------------------

/** Sends now or says that it did not: nothing waits for a better connection. `done` is called if it was obeyed. */
function send(name, fields, done = () => {}) {
  const message = command(name, fields);
  if (!link.send(message)) return say(`Not connected: ${name.toUpperCase()} was not sent and will not be sent later.`);
  const unsure = () => {
    unanswered.delete(message.id);
    say(`No answer to ${name.toUpperCase()}. Look at the cue on stage before you press again.`);
  };
  unanswered.set(message.id, { timer: setTimeout(unsure, ANSWER_MS), done });
}

/** GO names the cue that this page shows, so that a page behind the times cannot fire another. */
function go() {
  if (link.fresh && !state?.standby) return say("Nothing stands by. Touch a cue in the list to stand it by.");
  send("go", { standby: state?.standby?.number });
}

const panic = () => send("panic");
const toggleHold = () => send(state?.mode === "held" ? "resume" : "hold");

onPress(find("#go"), go);
onPress(find("#panic"), panic);
find("#back").onclick = () => send("back");
find("#hold").onclick = toggleHold;
find("#blackout").onclick = () => send("blackout", { on: !state?.blackout });
find("#resume-panic").onclick = () => send("resume");
find("#resume-restored").onclick = () => send("resume");
find("#take").onclick = () => send("take");
find("#skip").onclick = () => send("skip");
find("#goto-standby").onclick = () => send("goto", { cue: state.standby.number });
find("#cues").onclick = ({ target }) => {
  const row = target.closest("button");
  if (row) send("standby", { cue: row.dataset.number });
};
find("#more").onclick = () => {
  find("#drawer").hidden = !find("#drawer").hidden;
  find("#more").setAttribute("aria-expanded", !find("#drawer").hidden);
};
find("#desk").onclick = ({ target }) => target.dataset.mode && send("desk", { mode: target.dataset.mode });
find("#commit").onclick = () => send("commit");
find("#revert").onclick = () => send("revert");
find("#stop-all").onclick = () => send("stop");
onHold(find("#reset"), RESET_MS, () => send("reset", {}, () => say("Reset: everything is as in a fresh start.")));
find("#note").onsubmit = (event) => {
  event.preventDefault();
  const field = find("#note input");
  const text = field.value.trim();
  if (!text) return field.focus();
  send("note", { text }, () => {
    if (field.value.trim() === text) field.value = "";
    say("Noted.");
  });
};
const master = new Fader(find("#master"), (value) => send("master", { value }));

addEventListener("keydown", (event) => {
  const act = { " ": go, Escape: panic }[event.key];
  if (!act || (event.key === " " && event.target.matches("input"))) return;
  event.preventDefault(); // the button in focus must not be pressed as well
  if (!event.repeat) act();
});
addEventListener("keyup", (event) => event.key === " " && !event.target.matches("input") && event.preventDefault());

// --- drawing ---------------------------------------------------------------------------------------------------

let refusalTimer = 0;
function say(sentence) {
  write("#refusal span", sentence);
  find("#refusal").hidden = false;
  clearTimeout(refusalTimer);
  refusalTimer = setTimeout(() => (find("#refusal").hidden = true), REFUSAL_MS);
}

function drawCues(cues) {
  const rows = cues.map((cue) => {
    const row = document.createElement("button");
    row.dataset.number = cue.number;
    const part = (tag, className, textContent) => row.append(Object.assign(document.createElement(tag), { className, textContent }));
    part("b", "number", cue.number);
    part("span", "name", cue.name);
    part("small", "timing", timing(cue));
    part("small", "mark", "");
    const item = document.createElement("li");
    item.append(row);
    return item;
  });
  find("#cues").replaceChildren(...rows);
  if (state) draw();
}

let shownStandby;
function markCues({ current, standby, troubles }) {
  for (const row of document.querySelectorAll("#cues button")) {
    const onStage = row.dataset.number === current?.number;
    const next = row.dataset.number === standby?.number;
    row.toggleAttribute("aria-current", onStage);
    if (onStage) row.setAttribute("aria-current", "step");
    row.dataset.standby = next;
    const trouble = Object.hasOwn(troubles, row.dataset.number);
    row.lastChild.textContent = [next ? "STANDBY" : onStage ? "on stage" : "", trouble ? "NO NETWORK" : ""].filter(Boolean).join(" · ");
    row.lastChild.classList.toggle("trouble", trouble);
  }
  if (shownStandby !== standby?.number) showStandby();
  shownStandby = standby?.number;
}

const showStandby = () => find("#cues [data-standby=true]")?.scrollIntoView({ block: "nearest" });
new ResizeObserver(showStandby).observe(find("#cues")); // a line more elsewhere must not push it out of sight

const GO_WORDS = {
  offline: () => ["NOT CONNECTED", "nothing is sent"],
  panic: () => ["PANIC", "leave it above"],
  held: () => ["HELD", "press RESUME first"],
  end: () => ["END", "touch a cue to stand it by"],
  running: ({ standby }) => ["GO", called(standby)],
};

function draw() {
  const mode = !link.fresh || !state ? "offline" : state.mode === "running" && !state.standby ? "end" : state.mode;
  document.body.dataset.mode = mode;
  const [word, detail] = GO_WORDS[mode](state);
  write("#go b", word);
  write("#go span", detail);
  shape("#link .shape", mode === "offline" ? "cross" : "disc");
  write("#link b", mode === "offline" ? "NOT CONNECTED" : "connected");
  if (!state) return;

  drawCue("#now", state.current, "the safe look, before the first cue");
  drawCue("#next", state.standby, "nothing: the show is at its end");
  write("#now .notes", state.current?.notes ?? "");
  write("#next .notes", state.standby?.notes ?? "");
  const waiting = networkWords(state.standby);
  write("#next .network", waiting);
  find("#next .network").hidden = !waiting;
  find("#next .network").dataset.shape = state.troubles[state.standby?.number] ? "failed" : "loading";
  const inPanic = state.mode === "panic";
  find("#next").hidden = inPanic;
  find("#wayout").hidden = !inPanic;
  write("#panic b", inPanic ? "AGAIN: CUT" : "PANIC");
  write("#resume-panic", state.current ? `Back to ${called(state.current)}` : "Back to the start");
  find("#goto-standby").hidden = !state.standby;
  if (state.standby) write("#goto-standby", `On to ${called(state.standby)}`);

  find("#blackout").setAttribute("aria-pressed", state.blackout);
  write("#blackout span", state.blackout ? "BLACK: LIGHT UP" : "BLACKOUT");
  find("#hold").setAttribute("aria-pressed", state.mode === "held");
  write("#hold span", state.mode === "held" ? "RESUME" : "HOLD");
  shape("#hold .shape", state.mode === "held" ? "play" : "pause");
  master.follow(state.master);
  markCues(state);
  drawWaiting(state);
  drawStops(state, (number) => send("stop", { cue: number }));
  drawDesk(state);
  tick();
}

/** What may be done to the show file, what is not saved, and whether the place is kept. Older servers tell less. */
function drawDesk({ mode, desk, draft = false, journal = { ok: true, words: "" }, restored = null }) {
  write("#mode", draft ? `${desk}, not saved` : desk);
  for (const button of find("#desk").children) button.setAttribute("aria-checked", button.dataset.mode === desk);
  find("#draft").hidden = !draft;
  find("#more").classList.toggle("draft", draft);
  find("#journal").hidden = journal.ok;
  write("#journal span", journal.words);
  find("#restored").hidden = !restored || mode !== "held";
  if (restored) write("#restored p", comeBack(restored));
}

function drawCue(selector, cue, otherwise) {
  write(`${selector} .cue b`, cue?.number ?? "");
  write(`${selector} .cue span`, cue?.name ?? otherwise);
}

function networkWords(cue) {
  const name = cue && networks[cue.number];
  return name ? networkState(name, state.renderer.networks[name], state.troubles[cue.number]) : "";
}

/** What changes between two states: the countdowns and the age of the last frame. */
function tick() {
  if (!state) return;
  const since = (performance.now() - stateAt) / 1000;
  const elapsed = state.mode === "held" ? 0 : since;
  const left = (running) => Math.max(0, running.remaining - elapsed);
  const { fade, pending, renderer } = state;

  const lines = [];
  if (fade) lines.push(`fade: ${seconds(left(fade))} of ${seconds(fade.duration)} left`);
  if (pending) lines.push(`cue ${pending.number} by itself in ${seconds(left(pending))}`);
  const network = networkWords(state.current);
  if (network) lines.unshift(state.troubles[state.current.number] ? `${network}. The picture before it goes on` : network);
  drawRunning(state, elapsed);
  write("#now > .bar p", lines.join(" · "));
  find("#now > .bar").toggleAttribute("data-empty", lines.length === 0);
  find("#now > .bar div").style.transform = `scaleX(${fade?.duration ? left(fade) / fade.duration : 0})`;

  const picture = link.fresh ? pictureState(renderer) : { shape: "ring", text: "picture unknown" };
  shape("#renderer .shape", picture.shape);
  write("#renderer span", picture.text);
  const age = renderer.frame_age === null ? null : renderer.frame_age + since;
  write("#figures", link.fresh ? pictureFigures(renderer.fps, age) : "");
}

draw();
setInterval(tick, TICK_MS);
holdStill();
stayAwake();

const { projectors } = await fetchInfo();
showIn(find("#preview canvas"), projectors[0].name, {}, (fresh) => (find("#preview").dataset.fresh = fresh));
