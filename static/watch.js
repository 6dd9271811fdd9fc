/** The page of a run: its pictures moved through in time, its figures, and what is wrong with it. */

import { onDrag } from "./watch-drag.js";
import { Plot, drawBand, scaleOf } from "./watch-plots.js";
import { bestOf, figure, nearest, parseLines, saidOf, stateOf, timeLeft } from "./watch-run.js";
import { Sheets, draw, seedAt, seedsOf } from "./watch-sheets.js";

const LOOK_MS = 3000;
const PLAY_MS = 160; // a sheet; the whole run takes seconds
const FRAMES = 24; // of the film, with the best and the newest

const FIGURES = [
  { from: "measures", title: "KID", means: "Away from real pictures; lower is better", floor: 0,
    lines: [{ name: "KID", of: (line) => line.kid, off: (line) => line.kid_deviation }] },
  { from: "measures", title: "Recall and precision", means: "Much of the variety; much looks right", floor: 0, top: 1,
    lines: [{ name: "recall", of: (line) => line.recall }, { name: "precision", of: (line) => line.precision }] },
  { from: "measures", title: "Memorisation", means: "Copies are at 0, below the dots it fails", floor: 0, top: 1, level: 0.6,
    lines: [{ name: "ratio", of: (line) => line.memorisation?.ratio }],
    says: (line) => (line.memorisation?.passed ? "✓ passes" : "✕ copies") },
  { from: "log", title: "Spread", means: "As varied as the data is 1; all alike is 0", floor: 0, top: 1,
    lines: [{ name: "spread", of: (line) => line.spread }] },
  { from: "log", title: "Losses", means: "Of the generator, of the discriminator", floor: 0,
    lines: [{ name: "G", of: (line) => line.G }, { name: "D", of: (line) => line.D }] },
  { from: "log", title: "Sign r_t", means: "How sure D is of pictures; dots: 0.6", floor: 0, top: 1, level: 0.6,
    lines: [{ name: "real", of: (line) => line.sign }, { name: "made", of: (line) => line.sign_fake }] },
  { from: "log", title: "Augmentation p", means: "How often a picture is changed for D", floor: 0, top: 1,
    lines: [{ name: "p", of: (line) => line.p }] },
  { from: "log", title: "Penalties", means: "How steep D is", floor: 0,
    lines: [{ name: "R1", of: (line) => line.R1 }, { name: "R2", of: (line) => line.R2 }] },
  { from: "log", title: "Path length", means: "How unevenly pictures walk", floor: 0,
    lines: [{ name: "PL", of: (line) => line.PL }] },
  { from: "log", title: "Seconds per kimg", means: "For a thousand pictures shown", floor: 0,
    lines: [{ name: "s/kimg", of: (line) => line.s_per_kimg }] },
]; // prettier-ignore

const find = (selector) => document.querySelector(selector);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const icon = (shape) => {
  const element = make("i", { className: "shape" });
  element.dataset.shape = shape;
  return element;
};
/** Sets a text only where it is another: what a reader has selected stays so, and nothing blinks. */
const say = (element, text) => element.textContent === text || (element.textContent = text);

const run = { name: "", target: 0, log: [], measures: [], best: null, age: null };
const sheets = new Sheets(() => (drawPicture(), drawFilm()));
const view = { kimg: null, seed: null, playing: 0 }; // kimg null: the newest, whatever comes

// --- time ------------------------------------------------------------------------------------------------------

const kimgs = () => sheets.list.map((sheet) => sheet.kimg);
const here = () => (view.kimg === null ? sheets.list.length - 1 : nearest(kimgs(), view.kimg));
const end = () => Math.max(1, sheets.list.at(-1)?.kimg ?? 0, run.log.at(-1)?.kimg ?? 0);

function goTo(index) {
  if (!sheets.list.length) return;
  const at = Math.min(sheets.list.length - 1, Math.max(0, index));
  view.kimg = at === sheets.list.length - 1 ? null : sheets.list[at].kimg;
  drawTime();
}
const goToKimg = (kimg) => goTo(nearest(kimgs(), kimg));

function stop() {
  clearInterval(view.playing);
  view.playing = 0;
  drawMoves();
}

function play() {
  if (view.playing) return stop();
  if (here() === sheets.list.length - 1) goTo(0);
  view.playing = setInterval(() => {
    if (!sheets.at(here() + 1) && here() < sheets.list.length - 1) return; // not here yet: wait for it
    goTo(here() + 1);
    if (view.kimg === null) stop();
  }, PLAY_MS);
  drawMoves();
}

// --- pictures --------------------------------------------------------------------------------------------------

function pick(seed) {
  view.seed = seed;
  document.body.dataset.view = seed === null ? "all" : "one";
  drawTime();
  drawFilm();
  drawMoves();
}

const bestIndex = () => (run.best ? nearest(kimgs(), run.best.kimg) : -1);

function drawPicture() {
  const index = here();
  const sheet = sheets.near(index);
  find("#empty").hidden = Boolean(sheet);
  if (!sheet) return;
  document.body.dataset.late = String(!sheets.at(index)); // another moment stands in until this one is here
  if (view.seed === null) return draw(find("#sheet"), sheet);
  if (view.seed >= seedsOf(sheet)) return pick(0);
  draw(find("#now canvas"), sheet, view.seed);
  say(find("#now figcaption"), `${figure(sheets.list[index].kimg)} kimg`);
  const other = run.best ? bestIndex() : sheets.list.length - 1;
  const then = sheets.at(other);
  if (then) draw(find("#then canvas"), then, view.seed);
  say(find("#then figcaption"), `${run.best ? "best" : "newest"}, ${figure(sheets.list[other].kimg)} kimg`);
}

/** The frames of the film: spread over the run, with the best and the newest. */
function frames() {
  const count = sheets.list.length;
  const even = Array.from({ length: Math.min(count, FRAMES) }, (_, i) => Math.round((i * (count - 1)) / Math.max(1, Math.min(count, FRAMES) - 1)));
  return [...new Set([...even, bestIndex()])].filter((i) => i in sheets.list).sort((a, b) => a - b);
}

function drawFilm() {
  const film = find("#film");
  if (view.seed === null) return;
  const shown = frames();
  const key = JSON.stringify([shown, sheets.list.length]);
  if (film.dataset.key !== key) {
    film.dataset.key = key;
    film.replaceChildren(...shown.map((i) => {
      const button = make("button", { onclick: () => (stop(), goTo(i)) }, make("canvas"), make("span", { className: "number", textContent: figure(sheets.list[i].kimg) }));
      if (i === bestIndex()) button.append(icon("diamond"), make("b", { textContent: "best" }));
      button.dataset.index = i;
      button.dataset.drawn = "";
      return make("li", {}, button);
    }));
  }
  for (const button of film.querySelectorAll("button")) {
    const sheet = sheets.at(Number(button.dataset.index));
    const drawn = sheet && `${sheet.src} ${view.seed}`;
    if (!sheet || button.dataset.drawn === drawn) continue;
    draw(button.querySelector("canvas"), sheet, view.seed);
    button.dataset.drawn = drawn;
  }
  markFilm();
}

function markFilm() {
  const buttons = [...find("#film").querySelectorAll("button")];
  if (!buttons.length) return;
  const current = buttons[nearest(buttons.map((button) => Number(button.dataset.index)), here())];
  for (const button of buttons) button.setAttribute("aria-current", String(button === current));
  const [film, box] = [find("#film"), current.parentElement];
  const middle = box.offsetLeft - film.offsetLeft + (box.offsetWidth - film.clientWidth) / 2;
  if (Math.abs(film.scrollLeft - middle) > film.clientWidth / 3) film.scrollTo({ left: middle });
}

/** All that depends on the moment that is looked at. */
function drawTime() {
  if (!sheets.list.length) return;
  const index = here();
  const { kimg } = sheets.list[index];
  sheets.want(index, run.best ? bestIndex() : sheets.list.length - 1, index + 1, index - 1, ...(view.seed === null ? [] : frames()));
  drawPicture();
  markFilm();
  say(find("#at"), `${figure(kimg)} kimg`);
  const said = saidOf(kimg, run.measures, run.best);
  find("#said").replaceChildren(...(said.shape ? [icon(said.shape), " "] : []), said.text);
  const share = Math.min(1, kimg / end());
  find("#hand").style.left = `${100 * share}%`;
  const time = find("#time");
  time.setAttribute("aria-valuemin", sheets.list[0].kimg);
  time.setAttribute("aria-valuemax", sheets.list.at(-1).kimg);
  time.setAttribute("aria-valuenow", kimg);
  time.setAttribute("aria-valuetext", `${figure(kimg)} kimg. ${said.text}`);
  for (const { plot } of plots) plot.look(kimg);
  drawMoves();
}

/** KID along the slider, with its deviation, the best, and the ticks at which something was wrong. */
function drawSlider() {
  const svg = find("#time svg");
  const marks = find("#marks");
  svg.replaceChildren();
  marks.replaceChildren();
  const x = (kimg) => kimg / end();
  const known = run.measures.filter((line) => Number.isFinite(line.kid));
  if (known.length) {
    const { at } = scaleOf(known.flatMap((line) => [line.kid - line.kid_deviation, line.kid + line.kid_deviation]));
    drawBand(svg, known, x, (value) => 0.26 + 0.72 * at(value), (line) => line.kid, (line) => line.kid_deviation);
  }
  const put = (kimg, className, ...children) => {
    const mark = make("span", { className }, ...children);
    mark.style.left = `${100 * x(kimg)}%`;
    marks.append(mark);
    return mark;
  };
  for (const line of run.log) if (line.words?.length) put(line.kimg, "trouble", icon("triangle"));
  if (run.best) {
    const mark = put(run.best.kimg, "best", icon("diamond"), make("b", { textContent: `best, ${figure(run.best.kimg)}` }));
    mark.dataset.side = x(run.best.kimg) > 0.75 ? "left" : "right";
  } else put(0, "none", known.length ? "KID: none passes the memorisation test" : "no KID yet");
  if (known.length) marks.append(make("span", { className: "what", textContent: "KID" }));
}

function drawMoves() {
  const playing = Boolean(view.playing);
  find("#play .shape").dataset.shape = playing ? "pause" : "play";
  say(find("#play span"), playing ? "Pause" : "Play");
  find("#play").disabled = sheets.list.length < 2;
  find("#best").disabled = !run.best;
  find("#best").setAttribute("aria-pressed", String(run.best !== null && here() === bestIndex()));
  find("#newest").setAttribute("aria-pressed", String(view.kimg === null));
  find("#one").setAttribute("aria-pressed", String(view.seed !== null));
  say(find("#one span"), view.seed === null ? "One seed" : "All seeds");
  say(find("#seed b"), view.seed === null ? "" : `seed ${view.seed}`);
}

// --- hands and keys --------------------------------------------------------------------------------------------

let from = 0; // where in time a finger came down on a picture

function movesTime(element, tap) {
  onDrag(element, {
    down: () => (from = sheets.list[here()]?.kimg ?? 0),
    move: (_, dx) => (stop(), goToKimg(from + dx * end())),
    tap,
  });
}
movesTime(find("#sheet"), (x, y) => sheets.near(here()) && pick(seedAt(sheets.near(here()), x, y)));
movesTime(find("#now"), () => pick(null));
movesTime(find("#then"), () => (stop(), run.best ? goTo(bestIndex()) : goTo(Infinity)));
const slide = (x) => (stop(), goToKimg(x * end()));
onDrag(find("#time"), { down: slide, move: slide });

find("#play").onclick = play;
find("#best").onclick = () => (stop(), goTo(bestIndex()));
find("#newest").onclick = () => (stop(), goTo(Infinity));
find("#one").onclick = () => pick(view.seed === null ? 0 : null);
const [before, after] = document.querySelectorAll("#seed button");
const step = (by) => {
  const sheet = sheets.near(here());
  if (sheet && view.seed !== null) pick((view.seed + by + seedsOf(sheet)) % seedsOf(sheet));
};
before.onclick = () => step(-1);
after.onclick = () => step(1);

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const leap = Math.max(1, Math.round(sheets.list.length / 10));
  const moves = {
    ArrowLeft: () => goTo(here() - 1), ArrowRight: () => goTo(here() + 1), Home: () => goTo(0), End: () => goTo(Infinity),
    ...(event.target === find("#time") && { PageDown: () => goTo(here() - leap), PageUp: () => goTo(here() + leap) }),
    b: () => run.best && goTo(bestIndex()), p: play, Escape: () => pick(null),
  }; // prettier-ignore
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  if (event.key !== "p") stop();
  move();
});

// --- what the run says -----------------------------------------------------------------------------------------

const plots = FIGURES.map((spec) => ({ from: spec.from, plot: new Plot(spec, (kimg) => (stop(), goToKimg(kimg))) }));
find("#plots").append(...plots.map(({ plot }) => plot.element));

function drawState(state) {
  find("#state .shape").dataset.shape = state.shape;
  document.body.dataset.state = state.word;
  say(find("#state b"), state.word);
  say(find("#state span"), state.text);
}

function drawWords(words) {
  const list = find("#words");
  const key = JSON.stringify(words);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.hidden = !words.length;
  list.replaceChildren(...words.map((text) => make("li", {}, icon("triangle"), make("span", { textContent: text }))));
}

const heard = new Map(); // address -> text, as it was last

async function hear(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.text();
}

async function look() {
  const names = ["run.json", "log.jsonl", "measures.jsonl", "sheets.json"];
  const texts = await Promise.all(names.map((name) => hear(`/run/${name}`)));
  const about = JSON.parse(texts[0]);
  const listed = JSON.parse(texts[3]);
  const news = names.slice(0, 3).some((name, i) => heard.get(name) !== texts[i]);
  names.forEach((name, i) => heard.set(name, texts[i]));
  if (news) {
    Object.assign(run, { target: about.target_kimg ?? 0, log: parseLines(texts[1]), measures: parseLines(texts[2]) });
    run.best = run.measures.length ? bestOf(run.measures) : null;
  }
  run.age = listed.age;
  say(find("h1"), listed.run);
  if (sheets.follow(listed.sheets) || news) {
    drawSlider();
    for (const { from, plot } of plots) plot.draw(run[from], end());
    drawTime();
    drawFilm();
  }
  say(find("#left"), timeLeft(run.log, run.target));
  drawWords(run.log.at(-1)?.words ?? []);
  const state = stateOf(run.log, run.target, run.age);
  drawState(state);
  document.title = `${state.word} · ${listed.run} · Marrow`;
}

async function watch() {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError || /^\/run\//.test(error.message))) throw error;
    drawState({ shape: "cross", word: "Not connected", text: "what is shown is the last that came" });
  } finally {
    setTimeout(watch, LOOK_MS);
  }
}
watch();
