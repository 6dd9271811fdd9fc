/** The operator's page: takes the state, draws it, and sends commands now or not at all. */

import { stayAwake } from "./awake.js";
import { name as pageName } from "./client.js";
import { Control } from "./control.js";
import { CrewSheet, watches } from "./crew.js";
import { CueList } from "./cuelist.js";
import { DeskSheet } from "./desk.js";
import { holdStill, onPress } from "./device.js";
import { find } from "./elements.js";
import { Fader } from "./fader.js";
import { flatten } from "./finding.js";
import { GoButton } from "./go.js";
import { Jump } from "./jump.js";
import { listen } from "./keys.js";
import { Lock } from "./lock.js";
import { LookSheet } from "./look.js";
import { Notes } from "./notes.js";
import { showIn } from "./picture.js";
import { command, fetchInfo, previewSocket } from "./protocol.js";
import { Sheets } from "./sheets.js";
import { drawLink, drawShow, tickShow } from "./showing.js";
import { Taking } from "./taking.js";
import { timing } from "./words.js";

const TICK_MS = 100;
const REFUSAL_MS = 6000;
const DONE_MS = 3000;
const ANSWER_MS = 1500;

let state = null; // the newest, and when it came
let stateAt = 0;
let networks = {}; // cue number -> the name of its network
let asleep = ""; // why this screen may go dark in somebody's hands
const unanswered = new Map(); // command id -> {timer, done, refused}

const link = new Control("operator", receive, (fresh) => fresh || draw());

function receive(message, first) {
  switch (message.type) {
    case "cues":
      document.title = `${message.title} · Operator`;
      networks = Object.fromEntries(message.cues.map((cue) => [cue.number, cue.network]));
      return drawCues(message.cues);
    case "state": {
      const { refused, failed } = message;
      const isNew = (one, before) => !first && one && one.serial !== (before?.serial ?? 0); // of a gap nobody knows when
      if (isNew(refused, state?.refused)) say(refused.reason);
      if (isNew(failed, state?.failed)) say(`Cue ${failed.number}: ${failed.reason}.`);
      state = message;
      stateAt = performance.now();
      goButton.follow(state);
      taking.follow(state, stateAt);
      return draw();
    }
    case "reply": {
      const { timer, done, refused } = unanswered.get(message.id) ?? {};
      clearTimeout(timer);
      unanswered.delete(message.id);
      if (message.ok) return done?.();
      refused?.();
      return say(message.reason);
    }
    case "error":
      return say(message.reason);
  }
}

// --- commands --------------------------------------------------------------------------------------------------

/**
 * Sends now or says that it did not: nothing waits for a better connection. `done` is called if it was obeyed, `refused`
 * if not. Returns whether it went out.
 */
function send(name, fields = {}, done = () => {}, refused = () => {}) {
  const message = command(name, fields);
  if (!link.send(message)) {
    say(`Not connected: ${name.toUpperCase()} was not sent and will not be sent later.`);
    return false;
  }
  const unsure = () => {
    unanswered.delete(message.id);
    say(`No answer to ${name.toUpperCase()}. Look at the cue on stage before you press again.`);
  };
  unanswered.set(message.id, { timer: setTimeout(unsure, ANSWER_MS), done, refused });
  return true;
}

/** GO names the cue that this page shows, so that a page behind the times cannot fire another. */
function go() {
  if (lock.on) return say("Locked. Hold UNLOCK down to command from this page.");
  if (link.fresh && !state?.standby) return say("Nothing stands by. Touch a cue in the list to stand it by.");
  return send("go", { standby: state?.standby?.number }, () => {}, () => goButton.refused());
}

/** TAKE and SKIP name what this page shows, so that two presses never pass over two lines. */
function free(name) {
  const cue = taking.cue(name);
  if (link.fresh && !cue) return say(`Nothing to ${name.toUpperCase()}: ${name === "skip" ? "no line is" : "nothing is"} waited for.`);
  if (link.fresh && !taking.seen(performance.now())) return say(`This has only just come, so ${name.toUpperCase()} was not sent. Look, and press again.`);
  send(name, { cue });
}

const goButton = new GoButton(find("#go"), go, () => say("Pressed twice: one GO went out. It is armed again when the ring has closed."));
const panic = () => send("panic");
const toggleHold = () => send(state?.mode === "held" ? "resume" : "hold");
const press = (selector, name) => (find(selector).onclick = () => send(name));

onPress(find("#panic"), panic);
press("#back", "back");
press("#resume-panic", "resume");
press("#resume-restored", "resume");
find("#take").onclick = () => free("take");
find("#skip").onclick = () => free("skip");
find("#hold").onclick = toggleHold;
find("#blackout").onclick = () => send("blackout", { on: !state?.blackout });
find("#goto-standby").onclick = () => send("goto", { cue: state.standby.number });

const master = new Fader(find("#master"), (value) => send("master", { value }));
const taking = new Taking();
const lock = new Lock(() => draw());
const sheets = new Sheets(() => draw());
const cues = new CueList(find("#cues"), describe, ({ number }) => send("standby", { cue: number }));
const jump = new Jump(send, marks, () => sheets.close());
const notes = new Notes(send, tell);
const look = new LookSheet(send, tell);
const desk = new DeskSheet(send, tell);
const crew = new CrewSheet(link.client, send, (words) => link.rename(words));

const open = (sheet, field) => () => {
  sheets.open(sheet);
  find(field).focus();
};
find("#show-keys").onclick = () => sheets.open("keys");
listen(
  {
    " ": { words: "GO", act: () => goButton.press() },
    Escape: { words: "PANIC. In a field it leaves the field, and PANIC is the next", act: panic },
    b: { words: "BACK", act: () => send("back") },
    h: { words: "HOLD, or RESUME", act: toggleHold },
    t: { words: "TAKE the line, the gate, the ear", act: () => free("take") },
    s: { words: "SKIP the line", act: () => free("skip") },
    "/": { words: "Find a cue", act: open("find", "#seek input") },
    n: { words: "Write a note", act: open("note", "#note textarea") },
    l: { words: "LOCK. To unlock, hold Enter on UNLOCK", act: () => lock.set(true) },
    m: { words: "MORE, or CLOSE", act: () => sheets.toggle() },
    "?": { words: "These keys", act: () => (sheets.seen === "keys" ? sheets.close() : sheets.open("keys")) },
  },
  () => lock.on,
);

// --- drawing ---------------------------------------------------------------------------------------------------

let sayTimer = 0;
function show(sentence, kind, shape, ms) {
  find("#refusal span").textContent = sentence;
  find("#refusal .shape").dataset.shape = shape;
  find("#refusal").dataset.kind = kind;
  find("#refusal").hidden = false;
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => (find("#refusal").hidden = true), ms);
}

/** What went wrong, or will: it stays for a while. */
function say(sentence) {
  show(sentence, "refusal", "triangle", REFUSAL_MS);
}

/** What went well. */
function tell(sentence) {
  show(sentence, "done", "disc", DONE_MS);
}

function drawCues(list) {
  const rows = flatten(list);
  cues.show(rows.filter(({ listed }) => listed));
  jump.show(rows);
  shownStandby = undefined; // other rows may have pushed it out of sight
  if (state) draw();
}

/** What a row of a list says of the show as it is now. */
function marks({ number }) {
  if (!state) return { mark: "", state: "" };
  const next = number === state.standby?.number;
  const onStage = number === state.current?.number;
  const runs = state.running.some((run) => run.number === number && run.phase !== "after");
  const trouble = Object.hasOwn(state.troubles, number);
  const words = [next ? "STANDBY" : onStage ? "on stage" : runs ? "runs" : "", trouble ? "NO NETWORK" : ""];
  return { mark: words.filter(Boolean).join(" · "), state: next ? "standby" : onStage ? "current" : "", trouble };
}

function describe(row) {
  return { ...row, detail: timing(row.cue), ...marks(row) };
}

function mode() {
  if (!link.fresh || !state) return "offline";
  if (lock.on) return "locked";
  if (state.mode !== "running") return state.mode;
  if (watches(state, link.client)) return "watching";
  return state.standby ? "running" : "end";
}

let shownStandby;

function draw() {
  document.body.dataset.mode = mode();
  goButton.draw(mode(), state);
  drawLink(link.fresh && state !== null);
  if (!state) return;
  drawShow(state, networks, link.client, asleep);
  master.follow(state.master);
  cues.draw();
  if (shownStandby !== state.standby?.number) cues.reveal(state.standby?.number);
  shownStandby = state.standby?.number;
  const shown = { find: jump, note: notes, look, crew, desk }[sheets.seen];
  shown?.draw(state);
  if (shown !== desk) desk.draw(state); // MORE says that there is something to save
  tick();
}

function tick() {
  const now = performance.now();
  find("#wait").dataset.seen = taking.seen(now);
  if (state) tickShow(state, networks, link.fresh, (now - stateAt) / 1000);
}

find("#called input").value = pageName();
draw();
setInterval(tick, TICK_MS);
holdStill();
stayAwake((awake, words, warns) => {
  find("#awake").textContent = words;
  find("#awake").dataset.awake = awake;
  asleep = warns ? words : "";
  draw();
});

const { projectors } = await fetchInfo();
showIn(find("#preview canvas"), previewSocket(projectors[0].name), {}, (fresh) => (find("#preview").dataset.fresh = fresh));
