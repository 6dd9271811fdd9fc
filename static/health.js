/** Health in one glance: all is well, or the one thing that is not. Below that every part, the worst first. */

import { stayAwake } from "./awake.js";
import { find, icon, make, say } from "./watch-elements.js";

const LOOK_MS = 1000;
const GIVE_UP_MS = 3000;
const SHAPES = { ok: "disc", note: "triangle", problem: "cross" };
const WORDS = { ok: "well", note: "look", problem: "PROBLEM" };
const LOST = { state: "lost", words: "Not connected to Marrow.", do: "Is the show machine on, and is this on its network?" };

let last = null; // when it last answered
let lost = ""; // why there is no answer
let asleep = ""; // why this screen may go dark

function drawVerdict({ state, words, do: what }) {
  document.body.dataset.state = state;
  find("#verdict .shape").dataset.shape = SHAPES[state] ?? "cross";
  say(find("#verdict .words"), words);
  say(find("#verdict .do"), what);
  find("#verdict .do").hidden = !what;
  document.title = `${{ ok: "All is well", note: "Worth a look", problem: "PROBLEM" }[state] ?? "Not connected"} · Marrow`;
}

/** Parts of one name that are all well are one line of it. */
function grouped(parts) {
  const groups = new Map();
  for (const { part, state, words, do: what } of parts) {
    const key = `${state} ${part}`;
    const group = groups.get(key) ?? { part, state, lines: [] };
    group.lines.push({ words, what });
    groups.set(key, group);
  }
  return [...groups.values()];
}

function drawParts(parts) {
  const drawn = grouped(parts).map(({ part, state, lines }) => {
    const item = make("li", {}, icon(SHAPES[state]), make("h2", {}, part, " ", make("small", {}, WORDS[state])));
    item.dataset.state = state;
    const body = make("div", {});
    for (const { words, what } of lines) {
      body.append(make("p", {}, words));
      if (what) body.append(make("p", { className: "do" }, what));
    }
    item.append(body);
    return item;
  });
  find("#parts").replaceChildren(...drawn);
}

function drawAge() {
  say(find("#age"), [lost, asleep].filter(Boolean).join(" "));
}

async function look() {
  try {
    const response = await fetch("/api/health", { cache: "no-store", signal: AbortSignal.timeout(GIVE_UP_MS) });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    const { verdict, parts } = await response.json();
    last = performance.now();
    drawVerdict(verdict);
    drawParts(parts);
    lost = "";
  } catch (error) {
    drawVerdict(LOST);
    const since = last === null ? "" : ` What is below is ${Math.round((performance.now() - last) / 1000)} s old.`;
    lost = `${error.message}.${since}`;
  }
  drawAge();
  setTimeout(look, LOOK_MS);
}

stayAwake((awake, words) => {
  asleep = awake ? "" : words;
  drawAge();
});
look();
