/** The cue editor, for the afternoon before: it shows the show file, asks for changes, and saves when told to. */

import { Control } from "./control.js";
import { holdStill } from "./device.js";
import { Changes } from "./editor-diff.js";
import { EditForm } from "./editor-form.js";
import { becoming, KINDS } from "./editor-kinds.js";
import { EditList } from "./editor-list.js";
import { flatten, stepped } from "./editor-model.js";
import { find, make } from "./elements.js";
import { showIn } from "./picture.js";
import { command, fetchInfo, fetchShow, previewSocket } from "./protocol.js";

const ANSWER_MS = 15000; // a busy machine thinks for a while; that a line is dead is said elsewhere, and sooner
const REFUSAL_MS = 8000;

let show = null; // what /api/show told last
let state = null;
let rows = [];
let again = false;
let loading = null; // the promise of what is being fetched
const unanswered = new Map(); // command id -> resolve

const chosen = () => rows.find(({ cue }) => cue.number === list.chosen);
const onStage = () => state?.look?.cue ?? "";
const shut = () => !link.fresh || !state || state.desk === "show";

const list = new EditList(find("#list"), { choose, move, ticked: drawTools, redraw: () => list.draw(rows, onStage()) });
const form = new EditForm(find("#form"), set, say);
const changes = new Changes(find("#diff"), ask);
const link = new Control("editor", receive, () => draw());

// --- the line --------------------------------------------------------------------------------------------------

function receive(message) {
  switch (message.type) {
    case "cues":
      return load();
    case "state": {
      const before = state;
      state = message;
      if (before?.draft !== message.draft || before?.digest !== message.digest) load();
      const turned = before?.desk !== message.desk;
      return draw(turned);
    }
    case "reply":
      unanswered.get(message.id)?.(message);
      return unanswered.delete(message.id);
    case "error":
      return say(message.reason);
  }
}

/** A promise of {ok, reason}; nothing is sent later than now. */
function send(name, fields = {}) {
  const message = command(name, fields);
  if (!link.send(message)) return Promise.resolve({ ok: false, reason: `Not connected: ${name.toUpperCase()} was not sent.` });
  return new Promise((resolve) => {
    unanswered.set(message.id, resolve);
    setTimeout(() => unanswered.delete(message.id) && resolve({ ok: false, reason: `No answer to ${name.toUpperCase()}.` }), ANSWER_MS);
  });
}

/** What is done to the file stays a draft until SAVE. A refusal is said at the top; false then. */
async function ask(name, fields = {}) {
  const reply = await change(name, fields);
  if (!reply.ok) say(reply.reason);
  return reply.ok;
}

async function change(name, fields) {
  const reply = await send(name, ["commit", "revert"].includes(name) ? fields : { ...fields, draft: true });
  if (reply.ok) await load();
  return reply;
}

/** The file as it is now, on the page; asked once more where it has changed meanwhile. */
function load() {
  again = true;
  return (loading ??= fetched().finally(() => {
    loading = null;
    if (again) return load();
  }));
}

async function fetched() {
  try {
    while (again) {
      again = false;
      show = await fetchShow();
    }
  } catch (error) {
    again = false;
    say(`The show file could not be had: ${error.message}`);
  }
  if (!show) return;
  const first = rows.length === 0;
  rows = flatten(show.show.cue);
  if (first) list.chosen = state?.standby?.number ?? "";
  if (!chosen()) {
    list.chosen = "";
    document.body.dataset.pane = "list";
  }
  draw(true);
  changes.update(show);
}

function say(sentence) {
  find("#refusal span").textContent = sentence;
  find("#refusal").hidden = false;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (find("#refusal").hidden = true), REFUSAL_MS);
}

// --- what a hand does ------------------------------------------------------------------------------------------

function choose(number) {
  list.chosen = number;
  document.body.dataset.pane = "cue";
  list.draw(rows, onStage());
  drawForm(true);
  drawTools();
}

/** Carries out what adds or moves a cue, and chooses the one that has come of it. */
async function andChoose(name, fields) {
  const before = new Set(rows.map(({ cue }) => cue.number));
  if (!(await ask(name, fields))) return;
  const come = rows.find(({ cue }) => !before.has(cue.number));
  if (come) list.chosen = come.cue.number;
  draw(true);
  list.show();
}

function move(number, place) {
  list.chosen = number;
  andChoose("move", { cue: number, ...place });
}

async function step(by) {
  const place = stepped(rows, list.chosen, by);
  if (place) await andChoose("move", { cue: list.chosen, ...place });
}

find("#up").onclick = () => step(-1);
find("#down").onclick = () => step(1);
find("#duplicate").onclick = () => andChoose("duplicate", { cue: list.chosen });
find("#ungroup").onclick = () => ask("ungroup", { cue: list.chosen });
find("#delete").onclick = async () => {
  const nth = rows.findIndex(({ cue }) => cue.number === list.chosen);
  const inside = new Set(flatten(chosen().cue.cue).map(({ cue }) => cue.number));
  const next = rows.slice(nth + 1).find(({ cue }) => !inside.has(cue.number)) ?? rows[nth - 1];
  if (await ask("delete", { cue: list.chosen })) choose(next?.cue.number ?? "");
};
find("#undo").onclick = () => ask("undo");
find("#redo").onclick = () => ask("redo");
find("#select").onclick = () => {
  list.picking = !list.picking;
  list.clear();
  draw();
};
find("#group").onclick = async () => {
  const cues = list.ticks;
  list.picking = false;
  list.clear();
  if (await ask("group", { cues })) choose(cues[0]); // the group has the number of the first
};
find("#count").onclick = () => {
  const group = chosen()?.cue.kind === "group" ? list.chosen : chosen()?.group;
  ask("renumber", group ? { cue: group } : {});
};
find("#to-list").onclick = () => (document.body.dataset.pane = "list");
find("#goto").onclick = async () => said(await send("goto", { cue: list.chosen }));
find("#fire").onclick = async () => {
  if (runs(list.chosen)) await send("stop", { cue: list.chosen });
  said(await send("fire", { cue: list.chosen }));
};

function said({ ok, reason }) {
  if (!ok) say(reason);
}

function runs(number) {
  return state?.running.some((run) => run.number === number);
}

addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.matches("input, textarea")) return;
  const act = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
  if (act) {
    event.preventDefault();
    ask(act);
  } else if (event.key === "s") {
    event.preventDefault();
    openDiff();
  }
});

// --- a new cue, and what has changed ---------------------------------------------------------------------------

find("#new").onclick = () => find("#kinds").showModal();
for (const [kind, { words }] of Object.entries(KINDS)) {
  if (kind === "group") continue;
  const button = make("button", "", make("b", "", kind), make("span", "soft", words));
  button.onclick = () => {
    find("#kinds").close();
    const plain = { name: `New ${kind}`, ...(kind === "look" ? {} : { kind }), ...KINDS[kind].start(choices()) };
    andChoose("insert", { cue: plain, ...(list.chosen ? { after: list.chosen } : {}) });
  };
  find("#kinds .choices").append(button);
}
for (const button of document.querySelectorAll("dialog .close")) button.onclick = () => button.closest("dialog").close();

/** What is saved is what is seen: with all that was typed, and as it is now. A refusal of it stands at its field. */
async function openDiff() {
  if (!(await form.settled())) return;
  await load();
  if (show?.draft) changes.open(show);
}
find("#changes").onclick = openDiff;

// --- drawing ---------------------------------------------------------------------------------------------------

function choices() {
  return { ...show.choices, listed: rows.filter(({ group }) => !group).map(({ cue }) => cue.number) };
}

/** `anew`: the file or the desk has changed, not only what is on stage. */
function draw(anew = false) {
  const fresh = link.fresh && state;
  find("#link .shape").dataset.shape = fresh ? "disc" : "cross";
  find("#link b").textContent = fresh ? "connected" : "NOT CONNECTED";
  find("#mode").textContent = state ? `desk: ${state.desk}` : "";
  find("#shut").hidden = !fresh || state.desk !== "show";
  find("#shut span").textContent = "The desk is in SHOW mode: the cues can be read, not changed, and not put on stage from here. Put it in EDIT or REHEARSE on the operator's page.";
  document.body.dataset.shut = shut();
  if (!show) return;
  find("#file").textContent = show.file;
  document.title = `${show.file} · Editor`;
  const stage = onStage();
  if (anew || draw.stage !== stage || draw.shut !== shut() || list.picking !== draw.picking) {
    list.shut = shut();
    list.draw(rows, stage);
    if (anew || draw.shut !== shut()) drawForm();
    Object.assign(draw, { stage, shut: shut(), picking: list.picking });
  }
  drawTools();
}

function drawTools() {
  const closed = shut();
  const one = chosen();
  const none = !one;
  for (const [id, off] of Object.entries({ undo: !show?.undo, redo: !show?.redo, changes: !show?.draft, new: false, select: false, count: false })) find(`#${id}`).disabled = closed || off;
  find("#changes").textContent = show?.draft ? `SAVE… ${show.diff.words.length || ""}`.trim() : "SAVED";
  find("#changes").classList.toggle("draft", Boolean(show?.draft));
  find("#undo").title = show?.undo ? `takes back: ${show.undo}` : "";
  find("#redo").title = show?.redo ? `does again: ${show.redo}` : "";
  find("#select").setAttribute("aria-pressed", list.picking);
  find("#select").textContent = list.picking ? "DONE" : "SELECT";
  find("#group").hidden = !list.picking;
  find("#group").disabled = closed || list.ticks.length === 0;
  find("#group").textContent = `GROUP ${list.ticks.length || ""}`.trim();
  const group = one?.cue.kind === "group" ? one.cue.number : one?.group;
  find("#count").textContent = group ? `COUNT ${group}.1 ${group}.2 …` : "COUNT 1 2 3 …";
  find("#tools").hidden = none;
  for (const id of ["duplicate", "delete", "ungroup"]) find(`#${id}`).disabled = closed;
  find("#ungroup").hidden = one?.cue.kind !== "group";
  find("#up").disabled = closed || none || !stepped(rows, list.chosen, -1);
  find("#down").disabled = closed || none || !stepped(rows, list.chosen, 1);
  find("#fire").disabled = closed || none;
  find("#goto").disabled = closed || none || Boolean(one.group);
  const here = one && onStage() === one.cue.number;
  find("#onstage").textContent = here ? "The picture is this cue: sliders are seen at once." : onStage() ? `On stage: the look of cue ${onStage()}.` : "";
}

function drawForm(another = false) {
  const one = chosen();
  const { cue } = one ?? {};
  form.draw(one && { cue, shut: shut(), choices: choices(), ranges: show.ranges, scene: show.scenes[cue.number] ?? {}, live }, another);
}

async function set(cue, key, value) {
  const { number } = cue;
  if (runs(number)) await send("stop", { cue: number }); // the picture goes on, and the cue may change
  const fields = key === "kind" ? { cue: number, set: becoming(cue, value, choices()) } : { cue: number, key, value };
  const reply = await change("edit", fields);
  if (reply.ok && key === "number") list.chosen = value;
  if (reply.ok) draw(true);
  return reply;
}

/** What a slider says, at once on the wall, if this cue's look is there. */
function live(part, value) {
  if (!shut() && onStage() === list.chosen) send("tweak", { part, value });
}

holdStill();
const { projectors } = await fetchInfo();
showIn(find("#stage canvas"), previewSocket(projectors[0].name), { fit: "cover" });
