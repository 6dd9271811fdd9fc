/** What every kind of cue may say: its fields, in the words of the page, and what a new one starts with. */

/**
 * A field: key as in the show file; words on the page; type: "text", "area", "number", "flag", "choice", "kind",
 * "follow", "words" and "values" (lists), "rows" (a list of tables; `columns` are fields), "parts" (a value, or one for
 * each part), "drive", "look". `from` names the list that a choice is of; `otherwise` is what holds where the file says
 * nothing, in words.
 */

const seconds = (key, words, otherwise = "0") => ({ key, words, type: "number", unit: "s", otherwise });
const choice = (key, words, options, otherwise = "") => ({ key, words, type: "choice", options, otherwise });
const of = (key, words, from) => ({ key, words, type: "choice", from });
const text = (key, words, otherwise = "") => ({ key, words, type: "text", otherwise });
const flag = (key, words, otherwise = "no") => ({ key, words, type: "flag", otherwise });

const PARTS = ["default", "walk", "style", "psi", "modes", "speed", "noise", "shadows", "classes", "bend", "move", "master", "drive"];
const CURVES = ["smooth", "linear", "ease-in", "ease-out"];

const EAR = [of("to", "In the ear of", "role"), text("file", "File"), text("text", "Words in it"), seconds("pause", "Quiet after it")];
const SEND = [of("to", "To", "target"), text("address", "Address"), { key: "args", words: "Values", type: "values" }, seconds("delay", "After"), flag("always", "In any case")];

export const HEAD = [
  { key: "number", words: "Number", type: "text" },
  text("name", "Name"),
  { key: "kind", words: "Kind", type: "kind", otherwise: "look" },
  { key: "notes", words: "Notes for the operator", type: "area" },
];

export const TIMES = [
  seconds("pre_wait", "Wait before it acts"),
  { key: "follow", words: "What comes after it", type: "follow", otherwise: "manual" },
  seconds("post_wait", "Wait after it"),
  flag("armed", "Armed", "yes"),
  choice("again", "Started again while it runs", ["restart", "ignore"], "restart"),
  choice("fails", "Where it cannot do what it should", ["go on", "hold"], "go on"),
];

const LOOK = [
  { key: "look", words: "Look", type: "look" },
  { key: "fade", words: "Fade", type: "parts", value: { type: "number", unit: "s" }, parts: PARTS, otherwise: "2" },
  { key: "curve", words: "Curve of the fade", type: "parts", value: { type: "choice", options: CURVES }, parts: PARTS, otherwise: "smooth" },
  { key: "drive", words: "Controls that move it", type: "drive" },
  { key: "preload", words: "Networks to have ready", type: "words" },
];

/** Kind -> {words, fields, start}: what it is, its own fields, and the keys of a new one. */
export const KINDS = {
  look: { words: "a new look", fields: LOOK, start: () => ({}) },
  fade: { words: "fades parts of what is on stage", fields: LOOK, start: () => ({ look: { psi: 0.7 } }) },
  send: { words: "messages, and nothing else", fields: [], start: ({ target }) => ({ send: [{ to: target[0] ?? "sound", address: "/cue" }] }) },
  note: {
    words: "a note of a sampler",
    fields: [of("to", "To", "target"), { key: "note", words: "Note", type: "number" }, { key: "velocity", words: "Velocity", type: "number", otherwise: "127" }, seconds("seconds", "Sounds for", "0.5")],
    start: ({ target }) => ({ to: target[0] ?? "sound", note: 60 }),
  },
  wait: { words: "time that passes", fields: [seconds("seconds", "Waits for", "")], start: () => ({ seconds: 5 }) },
  goto: { words: "goes on from another cue", fields: [of("to", "Goes to cue", "listed")], start: ({ listed }) => ({ to: listed.at(-1) ?? "1" }) },
  arm: { words: "lets cues act again", fields: [{ key: "cues", words: "Cues", type: "words" }], start: ({ listed }) => ({ cues: [listed[0] ?? "1"] }) },
  disarm: { words: "lets cues do nothing", fields: [{ key: "cues", words: "Cues", type: "words" }], start: ({ listed }) => ({ cues: [listed[0] ?? "1"] }) },
  stop: { words: "ends cues that run", fields: [{ key: "cues", words: "Cues, or all", type: "words", all: true }], start: () => ({ cues: "all" }) },
  gate: {
    words: "waits for a control",
    fields: [of("control", "Control", "control"), { key: "above", words: "At least", type: "number" }, { key: "below", words: "At most", type: "number" }, seconds("timeout", "Opens by itself after", "never")],
    start: ({ control }) => ({ control: control[0] ?? "plate", above: 0.5 }),
  },
  line: {
    words: "a guest's line",
    fields: [
      of("speaker", "Who speaks", "role"), { key: "text", words: "Line", type: "area" }, text("easier", "Easier, where nobody speaks"),
      flag("noskip", "Waits for ever"), flag("open", "Any answer will do"), text("save", "The answer is kept as"), text("instead", "Where there is no answer"),
      { key: "threshold", words: "How much alike it has to be", type: "number" }, seconds("silence", "Silence before it gets easier", "10"), seconds("progress_silence", "Talk that leads nowhere", "20"),
      { key: "prompt", words: "In ears, where nobody answers", type: "rows", columns: EAR },
    ],
    start: ({ role }) => ({ speaker: role[0] ?? "mom", text: "..." }),
  },
  "in-ear": {
    words: "files in guests' ears",
    fields: [{ key: "plays", words: "Plays", type: "rows", columns: EAR }, seconds("timeout", "Not waited for after", "10")],
    start: ({ role }) => ({ plays: [{ to: role[0] ?? "mom", file: "hello.wav" }] }),
  },
  memo: { words: "a place in the list, and its notes", fields: [], start: () => ({}) },
  group: { words: "cues that are one", fields: [choice("mode", "Its cues start", ["sequence", "together"])], start: () => ({ mode: "sequence" }) },
};

export const SENDS = { key: "send", words: "Messages", type: "rows", columns: SEND };

/** The sections of a cue's form: [words, fields]. */
export function sections(kind) {
  const known = KINDS[kind];
  return [["", HEAD], [known.words, known.fields], ["When", TIMES], ["Messages that it sends", [SENDS]]];
}

/** The keys to set and to take away so that a cue becomes one of another kind. */
export function becoming(cue, kind, choices) {
  const own = new Set([...KINDS[kind].fields, ...HEAD, ...TIMES, SENDS].map(({ key }) => key));
  const gone = Object.keys(cue).filter((key) => !own.has(key) && key !== "cue");
  const start = Object.entries(KINDS[kind].start(choices)).filter(([key]) => !(key in cue));
  return { kind, ...Object.fromEntries(start), ...Object.fromEntries(gone.map((key) => [key, null])) };
}
