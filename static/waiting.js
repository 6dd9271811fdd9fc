/** What runs and what waits for somebody, as the operator sees it: the line with its progress, words in ears, and bars of time. */

import { find, make } from "./elements.js";
import { past, seconds } from "./words.js";

const WAITS = { line: "says", gate: "gate", "in-ear": "in the ear" };
const MOST_ROWS = 3; // of ears and bars together

/** The runs that are drawn as bars: what takes time, but for groups, whose cues are there themselves. */
const timed = ({ running }) => running.filter(({ kind, phase }) => kind !== "group" && phase !== "after");

/** The newest run that TAKE would free, or undefined. */
export const waiting = ({ running }) => running.findLast(({ kind, phase }) => kind in WAITS && phase === "acting");

/** Who has what in the ear, in words: "in mom's ear: ...", or "in the ears of mom, dad" where each hears something else. */
export function earWords(ears) {
  const who = [...new Set(ears.map(({ role }) => role))];
  const what = new Set(ears.map(({ file, text }) => text || file));
  if (!who.length) return "";
  const where = who.length === 1 ? `in ${who[0]}'s ear` : `in the ears of ${who.join(", ")}`;
  return what.size === 1 ? `${where}: ${[...what][0]}` : where;
}

/** What waits for the room: once a state. */
export function drawWaiting(state) {
  const run = waiting(state);
  find("#wait").hidden = !run;
  document.body.classList.toggle("waits", run !== undefined);
  const inEars = earWords(state.ears);
  find("#ears").hidden = !inEars;
  find("#ears").textContent = inEars;
  if (!run) return;
  const line = run.number === state.line?.number ? state.line : null;
  find("#skip").hidden = !line;
  find("#wait h2").replaceChildren(...(line ? [make("b", "", line.speaker), ` ${manner(line)}`] : [waitsFor(run, state.ears)]));
  write(find("#wait .words"), line ? line.text || "any answer" : run.name, line && !line.open ? line : null);
  const next = state.next_line;
  find("#wait .then").textContent = next ? `then ${next.speaker}: ${next.text || "any answer"}` : "";
}

const manner = ({ open, said, words }) => (open ? "answers" : `says · ${said} of ${words}`);

function waitsFor({ kind }, ears) {
  const who = [...new Set(ears.map(({ role }) => role))].join(", ");
  return kind === "in-ear" && who ? `in the ear: ${who}` : WAITS[kind];
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
  const most = MOST_ROWS - (state.ears.length ? 1 : 0);
  const rows = find("#running");
  while (rows.children.length > Math.min(runs.length, most)) rows.lastChild.remove();
  while (rows.children.length < Math.min(runs.length, most)) {
    const row = make("li", "bar");
    row.append(make("div", ""), make("p", "number"));
    rows.append(row);
  }
  [...rows.children].forEach((row, place) => {
    const { name, phase, remaining, progress } = runs[place];
    const left = remaining === null ? null : Math.max(0, remaining - elapsed);
    const whole = progress === null || progress >= 1 || remaining === null ? null : remaining / (1 - progress);
    const more = place === most - 1 && runs.length > most ? ` · and ${runs.length - most} more` : "";
    const words = [left === null ? "" : `${phase === "waiting" ? "in " : ""}${seconds(left)}`, `${name}${more}`];
    row.lastChild.textContent = words.filter(Boolean).join(" · ");
    row.firstChild.style.transform = `scaleX(${whole ? left / whole : 0})`;
    row.dataset.phase = phase;
  });
}
