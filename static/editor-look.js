/** The look of a cue: a slider for each number, with the picture beside it; the walk and the style in words. */

import { dotted, pointWords, wordsToPoints } from "./editor-model.js";
import { make } from "./elements.js";

const NUMBERS = ["psi", "modes", "noise", "shadows", "speed", "master"];
const WALKS = { drift: ["radius", "seconds"], loop: ["seconds"], chain: ["seconds"], still: [], clips: ["rate"] };
const LIVE_MS = 50;

/** `change(value, key)` writes a key of the look, null takes it away; `context.live(part, value)` shows it at once. */
export function lookField(look, change, context, controls) {
  const { scene, ranges, choices } = context;
  const box = make("div", "look");
  const write = (part, value) => change(value, dotted("look", ...part));
  box.append(network(look, write, context, controls), walk("walk", "Walk", look, write), walk("style", "Style of the fine layers", look, write));
  for (const part of NUMBERS) box.append(slider(part, part, look[part], scene[part], ranges[part], (value) => write([part], value), context));
  for (const [table, names, words] of [["bend", choices.bend, "Bend"], ["move", choices.move, "Move"]]) {
    for (const name of names) {
      const [low, high] = table === "move" ? [-1, 1] : ranges[table];
      box.append(slider(`${table}.${name}`, `${words} ${name}`, look[table]?.[name], scene[`${table}.${name}`] ?? 0, [low, high], (value) => write([table, name], value), context));
    }
  }
  return box;
}

/** A number of the look: said by this cue, or kept from before it. */
function slider(part, words, own, tracked, [low, high], write, context) {
  const said = own !== undefined;
  const line = make("div", said ? "slide" : "slide kept");
  line.dataset.part = part;
  const range = make("input");
  Object.assign(range, { type: "range", min: low, max: high, step: 0.01, value: own ?? tracked ?? 0 });
  range.setAttribute("aria-label", words);
  const figure = make("output", "number", Number(range.value).toFixed(2));
  const state = make("button", "keep", said ? "AS BEFORE" : "as before");
  state.type = "button";
  state.disabled = !said;
  state.setAttribute("aria-label", said ? `${words}: be as before` : `${words} is as before`);
  let timer = 0;
  range.oninput = () => {
    figure.textContent = Number(range.value).toFixed(2);
    timer ||= setTimeout(() => {
      timer = 0;
      context.live(part, Number(range.value));
    }, LIVE_MS);
  };
  range.onchange = () => write(Number(range.value));
  state.onclick = () => write(null);
  line.append(make("span", "words", words), range, figure, state);
  return line;
}

function network(look, write, { choices, scene }, controls) {
  const before = `as before: ${scene.network}`;
  const change = (value) => write(["network"], value === before ? null : value);
  const control = controls.choice({ options: choices.network, otherwise: before }, look.network, change, {});
  control.setAttribute("aria-label", "Network");
  return make("label", "cell", make("small", "", "Network"), control);
}

/** A walk: its kind, its points (or clips) in words, and its numbers. Written as a whole. */
function walk(key, words, look, write) {
  const now = look[key];
  const kind = now === undefined ? "" : typeof now === "string" ? now : Object.keys(WALKS).find((one) => one in now);
  const box = make("fieldset", "walk");
  const kinds = make("select");
  kinds.setAttribute("aria-label", `${words}: kind`);
  for (const one of ["", ...(key === "style" ? ["none"] : []), ...Object.keys(WALKS)]) kinds.append(new Option(one || "as before", one, false, one === kind));
  const points = make("input");
  points.value = kind && kind !== "none" ? [now[kind]].flat().map(pointWords).join(", ") : "";
  points.placeholder = "home, 12, 40";
  points.setAttribute("aria-label", `${words}: points`);
  const numbers = ["radius", "seconds", "rate"].map((name) => {
    const input = make("input");
    Object.assign(input, { inputMode: "decimal", value: now?.[name] ?? "", name });
    input.setAttribute("aria-label", `${words}: ${name}`);
    return make("label", "cell", make("small", "", name), input);
  });
  const shape = () => {
    points.hidden = !(kinds.value in WALKS);
    for (const cell of numbers) cell.hidden = !WALKS[kinds.value]?.includes(cell.lastChild.name);
  };
  const done = () => {
    shape();
    if (!(kinds.value in WALKS)) return write([key], kinds.value || null);
    const named = kinds.value === "clips" ? points.value.split(",").map((one) => one.trim()).filter(Boolean) : read(points.value);
    if (named.length === 0) return points.focus();
    const next = { [kinds.value]: kinds.value === "still" ? named[0] : named };
    const usual = { radius: 0.3, seconds: 60 };
    for (const cell of numbers) {
      const { name, value } = cell.lastChild;
      const number = value === "" ? usual[name] : Number(value.replace(",", "."));
      if (!cell.hidden && number !== undefined) next[name] = Number.isNaN(number) ? value : number;
    }
    write([key], next);
  };
  for (const control of [kinds, points, ...numbers.map((cell) => cell.lastChild)]) control.onchange = done;
  shape();
  const cell = make("label", "cell points", make("small", "", "points, or names of clips"), points);
  const place = () => (cell.hidden = points.hidden);
  place();
  kinds.addEventListener("change", place);
  box.append(make("legend", "", words), kinds, cell, ...numbers);
  return box;
}

function read(words) {
  try {
    return wordsToPoints(words);
  } catch {
    return [words]; // the server says what is wrong with it
  }
}
