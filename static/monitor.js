/** The crew's monitor: every message in and out, and the line of the patch behind one of them. */

import { Curve } from "./monitor-curve.js";
import { drawLost, drawTapes, drawWarnings } from "./monitor-facts.js";
import { Line } from "./monitor-line.js";
import { List, ago } from "./monitor-list.js";
import { Wire } from "./monitor-wire.js";
import { find, make, say } from "./watch-elements.js";

const TRY_MS = 150; // after the last change of the form
const SAID_MS = 8000;
const WOBBLE_MS = 50;
const REPEAT_MS = 250; // a sensor that is silent for longer may count as dead
const WOBBLE_S = 3; // of one swing
const MOST_RAW = 12;

let facts = { bypassed: [], controls: [], seats: [], recordings: [], lost: {}, saves: false };
let which = "in";
let paused = false;
let address = ""; // the one that is looked at
let seen = ""; // digest of the difference that is shown
let removing = false;
let standing = 0; // sends in a sensor's place
let learning = false;

const wire = new Wire(receive, drawLink);
const list = new List(find("#rows"), ({ address }) => choose(address));
const curve = new Curve(find("#curve"));
const line = new Line(find("#line"), { change: tryLine, save: () => preview(false), remove: () => preview(true) });

/** Asks, and says why not. -> the answer, or null. */
async function ask(name, fields) {
  try {
    const answer = await wire.ask(name, fields);
    if (answer.words) tell(answer.words);
    return answer;
  } catch (error) {
    tell(error.message);
    return null;
  }
}

let saidTimer = 0;
function tell(words) {
  const element = find(address ? "#said" : "#told");
  element.textContent = words;
  element.hidden = !words;
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => (find("#said").hidden = find("#told").hidden = true), SAID_MS);
}

// --- what is new -----------------------------------------------------------------------------------------------

function receive(news) {
  list.take(news);
  if (news.facts) {
    facts = news.facts;
    drawFacts();
  }
  if (news.first) resume();
  if (news.offers && learning) drawOffers(news.offers);
  if (news.raw && !paused) drawRaw(news.raw);
  if (news.points) curve.take(news);
  if (!paused) draw();
}

/** A new connection knows nothing of what this page looks at. */
function resume() {
  if (address) ask("select", { address }).then(tryLine);
  if (learning) learn(true);
}

function draw() {
  const shown = list.draw({ which, filter: find("#filter").value.trim(), bypassed: facts.bypassed, chosen: address });
  find("#nothing").hidden = shown > 0;
  if (!shown) say(find("#nothing"), find("#filter").value ? "Nothing passes the filter." : { in: "Nothing has come in yet. Touch a sensor, or open the page Table.", out: "Nothing was sent yet.", refused: "Nothing was refused." }[which]);
  if (!address) return;
  curve.draw();
  const row = list.newest(address);
  if (row) line.saw(row.low, row.high);
  drawMeaning(row);
}

function drawLink(fresh) {
  find("#link .shape").dataset.shape = fresh ? (paused ? "pause" : "disc") : "cross";
  say(find("#link span"), fresh ? (paused ? "paused" : "live") : "not connected");
  document.body.classList.toggle("offline", !fresh);
}

function drawMeaning(row) {
  const bypassed = facts.bypassed.includes(address);
  const meant = `${does(row?.meaning)}${row?.meaning.line ? ` by ${row.meaning.line}` : ""}`;
  say(find("#one .meaning"), bypassed ? "BYPASSED: what it sends is ignored, and its control rests." : meant);
  find("#one").classList.toggle("bypassed", bypassed);
  find("#bypass").setAttribute("aria-pressed", bypassed);
  find("#bypass").lastChild.textContent = bypassed ? " Let it in again" : " Bypass";
  const recorded = facts.recording?.address === address;
  find("#record-one").setAttribute("aria-pressed", recorded);
  say(find("#record-one"), recorded ? `Stop, ${ago(facts.recording.seconds)}` : "Record it");
}

function drawFacts() {
  const { recording, replay, words } = facts;
  drawWarnings(facts);
  const all = recording?.address === "";
  find("#record").setAttribute("aria-pressed", all);
  say(find("#record"), all ? `Stop, ${ago(recording.seconds)}` : "Record all");
  find("#tapes-open").classList.toggle("busy", Boolean(recording || replay));
  if (words) say(find("#tapes .words"), words);
  drawTapes(facts, (tape) => ask("replay", { tape }));
  drawLost(facts.lost);
  find("#lost").hidden = which !== "refused";
}

// --- the list --------------------------------------------------------------------------------------------------

find("#which").onclick = ({ target }) => {
  if (!target.dataset.which) return;
  which = target.dataset.which;
  for (const button of find("#which").children) button.setAttribute("aria-pressed", button === target);
  drawFacts();
  draw();
};
find("#filter").oninput = draw;
find("#pause").onclick = () => {
  paused = !paused;
  find("#pause").setAttribute("aria-pressed", paused);
  say(find("#pause"), paused ? "Go on" : "Pause");
  drawLink(wire.fresh);
  if (!paused) draw();
};
find("#tapes-open").onclick = () => {
  find("#tapes").hidden = !find("#tapes").hidden;
  find("#tapes-open").setAttribute("aria-expanded", !find("#tapes").hidden);
};
find("#record").onclick = () => ask("record", { address: "", on: facts.recording === null });

// --- learning --------------------------------------------------------------------------------------------------

async function learn(on) {
  const asked = ask("learn", { on });
  learning = on && (await asked) !== null;
  find("#learn").setAttribute("aria-pressed", learning);
  find("#learning").hidden = !learning;
  if (!learning) drawOffers([]);
}
find("#learn").onclick = () => learn(!learning);

function drawOffers(offers) {
  const shown = [...find("#learning ul").children].map((item) => item.dataset.address);
  say(find("#learning .what"), offers.length ? "Is it this one? Touch it in the list." : "Touch a sensor. What moves most is offered here.");
  if (offers.map((offer) => offer.address).join() === shown.join()) return;
  find("#learning ul").replaceChildren(...offers.map(({ address, meaning }) => {
    const words = does(meaning);
    const button = make("button", {}, make("code", {}, address), make("small", { className: "soft" }, words));
    button.onclick = () => (learn(false), choose(address));
    const item = make("li", {}, button);
    item.dataset.address = address;
    return item;
  }));
}

/** What a message does, in words. */
function does(meaning) {
  if (!meaning || meaning.kind === "nothing") return "means nothing yet";
  return `${meaning.kind === "control" ? "moves " : ""}${meaning.words}`;
}

// --- one address -----------------------------------------------------------------------------------------------

async function choose(chosen) {
  const again = chosen === address;
  if (!again) letGo();
  address = chosen;
  document.body.classList.toggle("chosen", Boolean(address));
  find("#one").hidden = !address;
  if (!again) hideDifference();
  if (!again) find("#said").hidden = true;
  find("#raw").replaceChildren();
  const answer = await ask("select", { address });
  if (address !== chosen || !address || !answer) return;
  say(find("#one h2"), address);
  const row = list.newest(address);
  const seen = row && row.low !== null ? [row.low, row.high] : null;
  const places = answer.places.length ? answer.places : [{ address, written: false, keys: {} }];
  line.open(address, places, facts, seen);
  drawSimulate();
  draw();
  if (!again) find("#close").focus({ preventScroll: true });
}
find("#close").onclick = () => {
  choose("");
  draw();
};
find("#bypass").onclick = () => ask("bypass", { address, on: !facts.bypassed.includes(address) });
find("#record-one").onclick = () => ask("record", { address, on: facts.recording === null });

let trying = 0;
function tryLine() {
  hideDifference();
  curve.keys = line.keys;
  drawSimulate();
  clearTimeout(trying);
  trying = setTimeout(() => address && ask("try", { address, line: line.place, keys: line.keys }), TRY_MS);
}

async function preview(remove) {
  removing = remove;
  const answer = await ask("preview", { line: line.place, keys: remove ? null : line.keys });
  if (!answer) return;
  if (!answer.diff) return tell("Nothing changes: the file says so already.");
  seen = answer.digest;
  find("#difference pre").replaceChildren(...answer.diff.split("\n").slice(2).map((text) => make("span", { className: { "+": "plus", "-": "minus" }[text[0]] ?? "" }, `${text}\n`)));
  find("#difference").hidden = false;
  find("#save").focus({ preventScroll: true });
  find("#difference").scrollIntoView({ block: "nearest" });
}

function hideDifference() {
  find("#difference").hidden = true;
}
find("#not-now").onclick = hideDifference;
find("#save").onclick = async () => {
  const answer = await ask("save", { line: line.place, keys: removing ? null : line.keys, digest: seen });
  hideDifference();
  if (!answer) return;
  await choose(address);
  tell(answer.words);
};

function drawRaw(raw) {
  const items = raw.reverse().map(({ value, source, reason }) => make("li", {}, make("b", { className: "number" }, value || "no argument"), make("small", { className: "soft" }, ` ${source}${reason ? `: ${reason}` : ""}`)));
  find("#raw").prepend(...items);
  while (find("#raw").children.length > MOST_RAW) find("#raw").lastChild.remove();
}

// --- in a sensor's place ---------------------------------------------------------------------------------------

const simulated = find("#simulate input");

function drawSimulate() {
  const [lo, hi] = line.keys.range ?? [0, 1];
  const value = simulated.valueAsNumber;
  Object.assign(simulated, { min: Math.min(lo, hi), max: Math.max(lo, hi), step: Math.abs(hi - lo) / 1000 });
  simulated.value = Math.min(Math.max(value, Math.min(lo, hi)), Math.max(lo, hi));
}

async function simulate(value) {
  say(find("#simulate output"), `${Number(value.toPrecision(3))}`);
  if ((await ask("simulate", { address, value })) === null) letGo();
}

/** Goes on sending, as a sensor would: one that falls silent counts as dead. */
function standIn(moves, every, step) {
  clearInterval(standing);
  standing = setInterval(step, every);
  find("#wobble").setAttribute("aria-pressed", moves);
  find("#let-go").disabled = false;
  step();
}

function letGo() {
  if (standing) ask("let go", { address });
  clearInterval(standing);
  standing = 0;
  find("#wobble").setAttribute("aria-pressed", false);
  find("#let-go").disabled = true;
  say(find("#simulate output"), "");
}

simulated.oninput = () => standIn(false, REPEAT_MS, () => simulate(simulated.valueAsNumber));
find("#let-go").onclick = letGo;
find("#wobble").onclick = () => {
  const began = performance.now();
  standIn(true, WOBBLE_MS, () => {
    const share = 0.5 - 0.5 * Math.cos((2 * Math.PI * (performance.now() - began)) / 1000 / WOBBLE_S);
    simulated.value = Number(simulated.min) + share * (Number(simulated.max) - Number(simulated.min));
    simulate(simulated.valueAsNumber);
  });
};
document.addEventListener("visibilitychange", letGo); // a page that is put away moves nothing

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && address) find("#close").click();
  if (event.key === "/" && !event.target.matches("input, select")) {
    event.preventDefault();
    find("#filter").focus();
  }
});
