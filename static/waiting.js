/** What runs and what waits for somebody, as the operator sees it: the line with its progress, and bars of time. */

import { past, seconds } from "./words.js";

const WAITS = { line: "says", gate: "gate", "in-ear": "in the ear" };
const MOST_BARS = 3;

const find = (selector) => document.querySelector(selector);
const make = (tag, className, textContent = "") => Object.assign(document.createElement(tag), { className, textContent });

/** The runs that are drawn as bars: what takes time, but for groups, whose cues are there themselves. */
const timed = ({ running }) => running.filter(({ kind, phase }) => kind !== "group" && phase !== "after");

/** The newest run that TAKE would free, or undefined. */
export const waiting = ({ running }) => running.findLast(({ kind, phase }) => kind in WAITS && phase === "acting");

/** What waits for the room: once a state. */
export function drawWaiting(state) {
  const run = waiting(state);
  find("#wait").hidden = !run;
  document.body.classList.toggle("waits", run !== undefined);
  if (!run) return;
  const line = run.number === state.line?.number ? state.line : null;
  find("#skip").hidden = !line;
  const ears = state.ears.map(({ role }) => role).join(", ");
  const who = line ? `${line.speaker} ${line.open ? "answers" : "says"}` : run.kind === "in-ear" && ears ? `in the ear: ${ears}` : WAITS[run.kind];
  find("#wait h2").textContent = who;
  write(find("#wait .words"), line ? line.text || "any answer" : run.name, line && !line.open ? line : null);
  const next = state.next_line;
  find("#wait .then").textContent = next ? `then ${next.speaker}: ${next.text || "any answer"}` : "";
}

/** The words, those that are past marked; what is written already stays, so that nothing flickers. */
function write(element, text, line) {
  if (element.dataset.text !== text) {
    element.dataset.text = text;
    element.replaceChildren(...text.split(/\s+/).flatMap((word) => [make("span", "", word), " "]));
  }
  const words = [...element.children];
  const gone = line ? past(line, words.length) : 0;
  words.forEach((word, place) => word.classList.toggle("said", place < gone));
}

/** The bars, `elapsed` seconds after the state: often. Lines are left out, they have words. */
export function drawRunning(state, elapsed) {
  const runs = timed(state).filter(({ kind }) => kind !== "line");
  const rows = find("#running");
  while (rows.children.length > Math.min(runs.length, MOST_BARS)) rows.lastChild.remove();
  while (rows.children.length < Math.min(runs.length, MOST_BARS)) {
    const row = make("li", "bar");
    row.append(make("div", ""), make("p", "number"));
    rows.append(row);
  }
  [...rows.children].forEach((row, place) => {
    const { name, phase, remaining, progress } = runs[place];
    const left = remaining === null ? null : Math.max(0, remaining - elapsed);
    const whole = progress === null || progress >= 1 || remaining === null ? null : remaining / (1 - progress);
    const more = place === MOST_BARS - 1 && runs.length > MOST_BARS ? ` · and ${runs.length - MOST_BARS} more` : "";
    const words = [left === null ? "" : `${phase === "waiting" ? "in " : ""}${seconds(left)}`, `${name}${more}`];
    row.lastChild.textContent = words.filter(Boolean).join(" · ");
    row.firstChild.style.transform = `scaleX(${whole ? left / whole : 0})`;
    row.dataset.phase = phase;
  });
}

/** One row with a STOP for each run, for the drawer. `stop(number)` is called. */
export function drawStops(state, stop) {
  const runs = state.running.filter(({ phase }) => phase !== "after");
  const list = find("#stops");
  const key = runs.map(({ number }) => number).join(" ");
  if (list.dataset.key === key) return; // a button under a finger stays where it is
  list.dataset.key = key;
  list.replaceChildren(
    ...runs.map(({ number, name }) => {
      const row = make("li", "row");
      const button = make("button", "", "STOP");
      button.setAttribute("aria-label", `STOP ${number}`);
      button.onclick = () => stop(number);
      row.append(make("span", "", `${number} ${name}`), button);
      return row;
    }),
  );
}
