/** The form of one line of the patch: where it is written, what it moves, and how. It only knows keys and values. */

import { make } from "./watch-elements.js";

const EVENTS = ["go", "back", "hold", "resume", "panic", "blackout", "take", "skip"];
const CURVES = { linear: "even", square: "finer below", root: "finer above" };
const DEFAULTS = { range: [0, 1], curve: "linear", smoothing: 0.1, hysteresis: 0, hold: 0, idle: 0, decay: 1 };
const OTHER = "another name…";

/** key: [words, greatest, step, unit]; `off` may be switched off. */
const SLIDERS = {
  smoothing: ["Smoothing", 3, 0.01, "s"],
  threshold: ["Threshold", 1, 0.01, "", { off: 0.5 }],
  hysteresis: ["Hysteresis", 0.5, 0.01, ""],
  hold: ["Hold", 10, 0.1, "s"],
  silence: ["Silence after", 20, 0.1, "s", { off: 1 }],
  idle: ["Idle value", 1, 0.01, ""],
  decay: ["Goes idle within", 10, 0.1, "s"],
};

const figure = (value) => Number(value.toPrecision(4));

/** The same name with {seat} where the address has it: "plate.mom" -> "plate.{seat}". */
const seated = (name, seats) => name.split(".").map((part) => (seats.includes(part) ? "{seat}" : part)).join(".");

export class Line {
  #form;
  #change;
  #address = "";
  #places = [];
  #place = null;
  #keys = {};
  #facts = {};
  #seen = null; // [low, high] of what was seen
  #typing = false; // a name of one's own

  /** change() is called when the keys are others, save() and remove() when that is asked for. */
  constructor(form, { change, save, remove }) {
    this.#form = form;
    this.#change = change;
    form.addEventListener("submit", (event) => (event.preventDefault(), save()));
    form.addEventListener("click", ({ target }) => target.closest("[data-remove]") && remove());
    form.addEventListener("input", ({ target }) => this.#input(target));
  }

  /** The address whose line it is. places: where it may be written, [{address, written, keys}, ...]. */
  open(address, places, facts, seen) {
    this.#address = address;
    this.#places = places;
    this.#facts = facts;
    this.#seen = seen;
    this.#choose(places[0] ?? null);
  }

  /** The address of the line. */
  get place() {
    return this.#place?.address ?? this.#address;
  }

  /** All keys; null for one that is not to be there. */
  get keys() {
    const keys = { ...this.#keys };
    const isEvent = keys.event != null;
    for (const key of isEvent ? ["control", "smoothing", "idle", "decay"] : ["event"]) keys[key] = null;
    if (keys.silence == null) keys.idle = keys.decay = null;
    if (keys.threshold == null) {
      keys.hysteresis = null;
      if (!isEvent) keys.hold = null;
    }
    return Object.fromEntries(["control", "event", "range", "curve", ...Object.keys(SLIDERS)].map((key) => [key, keys[key] ?? null]));
  }

  /** What is heard of the sensor meanwhile. */
  saw(low, high) {
    if (low === null) return;
    this.#seen = [low, high];
    const words = this.#form.querySelector("[data-seen]");
    if (words) words.textContent = `As seen: ${figure(low)} … ${figure(high)}`;
  }

  #choose(place) {
    this.#place = place;
    const from = place?.written ? place.keys : this.#filled(this.#places.find(({ written }) => written)?.keys ?? {});
    this.#keys = { ...DEFAULTS, ...from };
    if (!place?.written && !from.control && !from.event) {
      this.#keys.control = this.#suggested;
      if (this.#seen && this.#seen[1] > this.#seen[0]) this.#keys.range = this.#seen.map(figure);
    }
    this.#typing = this.#keys.control != null && !this.#controls.includes(this.#keys.control);
    this.#draw();
    this.#change();
  }

  /** The keys of the line for every seat, for one seat alone, and the other way round. */
  #filled(keys) {
    if (!keys.control) return keys;
    const seat = this.#address.split("/").find((part) => this.#facts.seats.includes(part));
    const every = this.place.includes("{seat}");
    return { ...keys, control: every ? seated(keys.control, this.#facts.seats) : keys.control.replace("{seat}", seat ?? "{seat}") };
  }

  get #suggested() {
    const parts = this.#address.split("/").filter((part) => part && part !== "table");
    const name = parts.slice(-2).join(".");
    return this.place.includes("{seat}") ? seated(name, this.#facts.seats) : name;
  }

  get #controls() {
    const names = this.#facts.controls ?? [];
    const listed = this.place.includes("{seat}") ? names.map((name) => seated(name, this.#facts.seats)).filter((name) => name.includes("{seat}")) : names;
    return [...new Set(listed)];
  }

  #input(target) {
    const { key } = target.dataset;
    if (target.name === "place") return this.#choose(this.#places[Number(target.value)]);
    if (target.name === "moves") return this.#moves(target.value);
    if (key === "control") this.#keys.control = target.value.trim();
    else if (key === "lo" || key === "hi") this.#range();
    else if (target.name === "curve") this.#keys.curve = target.value;
    else if (target.dataset.on) return this.#turn(target.dataset.on, target.checked);
    else if (key in SLIDERS) this.#slide(key, target);
    this.#change();
  }

  #moves(value) {
    const [kind, name] = [value.slice(0, 1), value.slice(2)];
    this.#typing = kind === "?";
    this.#keys.event = kind === "e" ? name : null;
    if (kind !== "e") this.#keys.control = kind === "c" ? name : (this.#keys.control ?? this.#suggested);
    this.#draw();
    this.#change();
    if (this.#typing) this.#form.querySelector("[data-key=control]").focus();
  }

  #range() {
    const [lo, hi] = ["lo", "hi"].map((end) => this.#form.querySelector(`[data-key=${end}]`).valueAsNumber);
    if (Number.isFinite(lo) && Number.isFinite(hi) && lo !== hi) this.#keys.range = [lo, hi];
  }

  #turn(key, on) {
    this.#keys[key] = on ? SLIDERS[key][4].off : null;
    this.#draw();
    this.#change();
    this.#form.querySelector(`[data-on=${key}]`).focus();
  }

  #slide(key, target) {
    this.#keys[key] = target.valueAsNumber;
    if (key === "threshold") this.#keys[key] = Math.max(0.01, this.#keys[key]);
    if (key === "silence") this.#keys[key] = Math.max(0.1, this.#keys[key]);
    const { threshold, hysteresis } = this.#keys;
    if (threshold != null && hysteresis >= threshold) this.#keys.hysteresis = figure(Math.max(0, threshold - 0.01));
    for (const each of Object.keys(SLIDERS)) this.#tell(each);
  }

  #tell(key) {
    const output = this.#form.querySelector(`output[data-of=${key}]`);
    if (output) output.textContent = `${figure(this.#keys[key])} ${SLIDERS[key][3]}`;
    const slider = this.#form.querySelector(`input[type=range][data-key=${key}]`);
    if (slider && slider.valueAsNumber !== this.#keys[key]) slider.value = this.#keys[key];
  }

  // --- drawing -------------------------------------------------------------------------------------------------

  #draw() {
    const { event, silence, threshold } = this.#keys;
    const has = (key) => (key === "threshold" || key === "silence" ? this.#keys[key] != null : { hysteresis: threshold != null, hold: event != null || threshold != null, smoothing: event == null, idle: silence != null && event == null, decay: silence != null && event == null }[key]);
    this.#form.replaceChildren(
      this.#drawPlaces(),
      this.#drawMoves(),
      this.#drawRange(),
      this.#drawCurves(),
      ...Object.keys(SLIDERS).map((key) => this.#drawSlider(key, has(key))),
      this.#drawEnd(),
    );
    for (const key of Object.keys(SLIDERS)) if (has(key)) this.#tell(key);
  }

  #drawPlaces() {
    const set = make("fieldset", {}, make("legend", {}, "Where it is written"));
    this.#places.forEach((place, i) => {
      const every = place.address.includes("{seat}");
      const words = place.written
        ? every ? "the line of every seat: it changes all of them" : "its own line"
        : every ? "a new line, for every seat" : "a new line, for this one alone";
      const radio = make("input", { type: "radio", name: "place", value: i, checked: place === this.#place });
      set.append(make("label", { className: "choice" }, radio, make("span", {}, make("code", {}, place.address), make("small", { className: "soft" }, words))));
    });
    return set;
  }

  #drawMoves() {
    const select = make("select", { name: "moves", ariaLabel: "What it moves" });
    const group = (label, values) => select.append(make("optgroup", { label }, ...values.map(([value, words]) => make("option", { value }, words))));
    group("A control that the show listens to", [...this.#controls.map((name) => [`c:${name}`, name]), ["?:", OTHER]]);
    group("An event, when it is pressed", EVENTS.map((name) => [`e:${name}`, name.toUpperCase()]));
    select.value = this.#keys.event != null ? `e:${this.#keys.event}` : this.#typing ? "?:" : `c:${this.#keys.control}`;
    const set = make("fieldset", {}, make("legend", {}, "What it moves"), select);
    if (this.#typing && this.#keys.event == null) {
      const text = make("input", { type: "text", value: this.#keys.control ?? "", maxLength: 64, ariaLabel: "Name of the control", autocapitalize: "off", spellcheck: false });
      text.dataset.key = "control";
      set.append(text);
    }
    if (this.#keys.event != null) set.append(make("p", { className: "soft" }, "A new button counts once it was let go."));
    return set;
  }

  #drawRange() {
    const ends = ["lo", "hi"].map((end, i) => {
      const field = make("input", { type: "number", step: "any", value: this.#keys.range[i], inputMode: "decimal" });
      field.dataset.key = end;
      return make("label", {}, i ? "means 1" : "means 0", field);
    });
    const seen = make("button", { type: "button" }, this.#seen ? `As seen: ${figure(this.#seen[0])} … ${figure(this.#seen[1])}` : "As seen: nothing yet");
    seen.dataset.seen = "";
    const turn = make("button", { type: "button" }, "Turn round");
    const set = (range) => {
      if (!range || range[0] === range[1]) return;
      this.#keys.range = range.map(figure);
      ["lo", "hi"].forEach((end, i) => (this.#form.querySelector(`[data-key=${end}]`).value = this.#keys.range[i]));
      this.#change();
    };
    seen.onclick = () => set(this.#seen);
    turn.onclick = () => set([...this.#keys.range].reverse());
    return make("fieldset", { className: "range" }, make("legend", {}, "Range"), ...ends, seen, turn);
  }

  #drawCurves() {
    const choices = Object.entries(CURVES).map(([name, words]) => {
      const radio = make("input", { type: "radio", name: "curve", value: name, checked: this.#keys.curve === name });
      return make("label", { className: "choice" }, radio, make("span", {}, name, make("small", { className: "soft" }, words)));
    });
    return make("fieldset", { className: "curves" }, make("legend", {}, "Curve"), ...choices);
  }

  #drawSlider(key, there) {
    const [words, max, step, , options] = SLIDERS[key];
    const row = make("div", { className: "slider", hidden: !there && !options });
    const output = make("output", { className: "number" });
    output.dataset.of = key;
    if (options) {
      const box = make("input", { type: "checkbox", checked: there });
      box.dataset.on = key;
      row.append(make("label", { className: "choice" }, box, make("span", {}, words, " ", there ? output : make("small", { className: "soft" }, "off"))));
    } else row.append(make("span", {}, words, " ", output));
    if (there) {
      const range = make("input", { type: "range", min: 0, max: Math.max(max, this.#keys[key]), step, value: this.#keys[key], ariaLabel: words });
      range.dataset.key = key;
      row.append(range);
    }
    return row;
  }

  #drawEnd() {
    const buttons = [make("button", { type: "submit", disabled: !this.#facts.saves }, "Show the difference")];
    if (this.#place?.written) {
      const remove = make("button", { type: "button" }, "Take the line away");
      remove.dataset.remove = "";
      buttons.push(remove);
    }
    const why = this.#facts.saves ? [] : [make("p", { className: "soft" }, "It can be tried and not saved: the show was started without a config file.")];
    return make("div", { className: "pair" }, ...buttons, ...why);
  }
}
