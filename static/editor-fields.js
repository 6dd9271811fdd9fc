/** The fields of a cue's form: each shows a value of the file, and says what a hand has made of it. */

import { driveRows, driveTable, valueWords, wordsToValues } from "./editor-model.js";
import { lookField } from "./editor-look.js";
import { make } from "./elements.js";

let serial = 0;

/**
 * A field with its words and a place for what the server says against it. `ask(key, value)` gives a promise of a reply
 * {ok, reason}; a null takes the key away. `context` has cue, show, choices and shut.
 */
export function field(spec, context, ask) {
  const value = context.cue[spec.key];
  const id = `field-${++serial}`;
  const label = make("label", "words", spec.words);
  label.htmlFor = id;
  const error = make("p", "wrong");
  error.setAttribute("role", "alert");
  error.hidden = true;
  const box = make("div", `field ${spec.type}`, label);
  box.dataset.key = spec.key;
  const change = async (next, key = spec.key) => {
    error.hidden = true;
    const reply = await ask(key, next);
    error.textContent = reply.reason;
    error.hidden = reply.ok;
    box.classList.toggle("refused", !reply.ok);
    return reply.ok;
  };
  const control = CONTROLS[spec.type](spec, value, change, context);
  control.id ||= id;
  if (!control.matches("input, select, textarea")) label.removeAttribute("for");
  box.append(control, error);
  if (context.shut) for (const one of box.querySelectorAll("input, select, textarea, button")) one.disabled = true;
  return box;
}

// --- one value -------------------------------------------------------------------------------------------------

function input(spec, value, change, type = "text") {
  const element = make("input");
  element.type = "text";
  if (type !== "text") element.inputMode = "decimal";
  element.value = value ?? "";
  element.placeholder = spec.otherwise ? `${spec.otherwise}${spec.unit ? ` ${spec.unit}` : ""}` : "";
  element.autocomplete = "off";
  element.onchange = () => change(element.value);
  return element;
}

/** A number as a hand has typed it, with a comma too; what is none goes out as it is, so that the server says why. */
function numeral(words) {
  const number = Number(words.replace(",", "."));
  return Number.isNaN(number) ? words : number;
}

const emptied = (change, read) => (words) => change(words.trim() === "" ? null : read(words));

function select(options, value, change, otherwise) {
  const element = make("select");
  const known = [...new Set([...(otherwise === undefined || otherwise === "" ? [] : [otherwise]), ...(value === undefined ? [] : [value]), ...options])];
  if (value === undefined && !otherwise) element.append(new Option("choose", "", true, true));
  for (const one of known) element.append(new Option(one, one, false, one === (value ?? otherwise)));
  element.onchange = () => change(element.value);
  return element;
}

const CONTROLS = {
  text: (spec, value, change) => input(spec, value, spec.key === "number" || spec.key === "name" ? change : emptied(change, (words) => words)),
  area(spec, value, change) {
    const element = make("textarea");
    element.rows = 2;
    element.value = value ?? "";
    element.onchange = () => emptied(change, (words) => words)(element.value);
    return element;
  },
  number: (spec, value, change) => input(spec, value, emptied(change, numeral), "number"),
  choice: (spec, value, change, { choices }) => select(spec.options ?? choices[spec.from], value, change, spec.otherwise),
  kind: (spec, value, change, { choices }) => select(value === "group" ? [] : choices.kind.filter((kind) => kind !== "group"), value, change, value === "group" ? "" : spec.otherwise),
  flag(spec, value, change) {
    const usual = spec.otherwise === "yes";
    const element = make("button", "flag", (value ?? usual) ? "yes" : "no");
    element.type = "button";
    element.setAttribute("aria-pressed", value ?? usual);
    element.setAttribute("aria-label", spec.words);
    element.onclick = () => change(!(value ?? usual) === usual ? null : !(value ?? usual));
    return element;
  },
  follow(spec, value, change) {
    const timed = typeof value === "number";
    const after = input({ unit: "s", otherwise: "seconds" }, timed ? value : "", (words) => change(numeral(words)), "number");
    after.setAttribute("aria-label", "Seconds after which the next comes");
    after.hidden = !timed;
    const words = { manual: "manual: a GO", continue: "continue: the next at once", done: "done: when it is complete", seconds: "seconds after it acts" };
    const choice = make("select");
    for (const [key, text] of Object.entries(words)) choice.append(new Option(text, key, false, key === (timed ? "seconds" : (value ?? "manual"))));
    choice.setAttribute("aria-label", spec.words);
    choice.onchange = () => {
      after.hidden = choice.value !== "seconds";
      if (choice.value === "seconds") return after.focus();
      change(choice.value === "manual" ? null : choice.value);
    };
    return make("div", "pair", choice, after);
  },
  words: (spec, value, change) =>
    input(spec, Array.isArray(value) ? value.join(", ") : value, emptied(change, (words) => (spec.all && words.trim() === "all" ? "all" : words.split(",").map((word) => word.trim()).filter(Boolean)))),
  values: (spec, value, change) => input(spec, valueWords(value), emptied(change, wordsToValues)),
  rows: (spec, value, change, context) => rows(spec.columns, value ?? [], (list) => change(list.length ? list : null), context),
  parts(spec, value, change, context) {
    const table = typeof value === "object" ? value : value === undefined ? {} : { default: value };
    const columns = [{ key: "part", words: "Part", type: "choice", options: spec.parts }, { key: "value", words: spec.words, ...spec.value }];
    const done = (list) => {
      const next = Object.fromEntries(list.map(({ part, value: own }) => [part, own]));
      const single = list.length === 1 && list[0].part === "default";
      change(list.length === 0 ? null : single ? next.default : next);
    };
    const list = Object.entries(table).map(([part, own]) => ({ part, value: own }));
    const fresh = () => ({ part: spec.parts.find((part) => !(part in table)), value: spec.value.options ? spec.value.options[0] : 2 });
    return rows(columns, list, done, context, fresh, list.length ? "" : `${spec.otherwise}${spec.value.unit ? ` ${spec.value.unit}` : ""} where nothing is said`);
  },
  drive(spec, value, change, context) {
    const { choices, ranges } = context;
    const parts = [...Object.keys(ranges).filter((part) => !["move", "bend", "classes"].includes(part)), ...choices.bend.map((name) => `bend.${name}`), ...choices.move.map((name) => `move.${name}`)];
    const columns = [{ key: "control", words: "Control", type: "choice", options: choices.control }, { key: "part", words: "Moves", type: "choice", options: parts }, { key: "gain", words: "By", type: "number" }];
    const fresh = () => ({ control: choices.control[0] ?? "plate", part: "psi", gain: 0.2 });
    const none = value === undefined ? "as in the look before" : "none";
    const list = rows(columns, driveRows(value), (all) => change(driveTable(all)), context, fresh, driveRows(value).length ? "" : none);
    if (value === undefined) return list;
    const keep = make("button", "", "AS BEFORE");
    keep.type = "button";
    keep.onclick = () => change(null);
    list.append(keep);
    return list;
  },
  look: (spec, value, change, context) => lookField(value ?? {}, change, context, CONTROLS),
};

// --- a list of tables ------------------------------------------------------------------------------------------

/** Every change gives the whole list, as the show file has it. */
function rows(columns, list, done, context, fresh, none = "none") {
  const box = make("div", "rows");
  const without = (nth) => list.filter((_, other) => other !== nth);
  const known = (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  list.forEach((row, nth) => {
    const line = make("div", "line");
    for (const column of columns) {
      const change = (value, _) => done(list.map((one, other) => (other === nth ? known({ ...one, [column.key]: value }) : one)));
      const control = CONTROLS[column.type](column, row[column.key], change, context);
      control.setAttribute("aria-label", column.words);
      line.append(make("label", `cell ${column.type}`, make("small", "", column.words), control));
    }
    const away = make("button", "away", "REMOVE");
    away.type = "button";
    away.onclick = () => done(without(nth));
    line.append(away);
    box.append(line);
  });
  if (!list.length && none) box.append(make("p", "soft", none));
  const more = make("button", "more", "ADD");
  more.type = "button";
  const first = () => Object.fromEntries(columns.filter(({ type, options, from }) => type === "choice" && (options ?? context.choices[from]).length).map(({ key, options, from }) => [key, (options ?? context.choices[from])[0]]));
  const blank = () => ({ ...first(), ...(columns.some(({ key }) => key === "address") ? { address: "/cue" } : {}), ...(columns.some(({ key }) => key === "file") ? { file: "name.wav" } : {}) });
  more.onclick = () => done([...list, (fresh ?? blank)()]);
  box.append(more);
  return box;
}
