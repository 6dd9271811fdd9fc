/** The live curve of a sensor: ten seconds of raw in and shaped out with the threshold band, and the curve itself. */

import { shape } from "./watch-plots.js";

const HISTORY_S = 10;
const MOST_POINTS = 2048;
const STEPS = 40;

/** 0 to 1 -> 0 to 1, as the patch has it. */
export const CURVES = { linear: (x) => x, square: (x) => x * x, root: Math.sqrt };

const bounded = (x) => Math.min(1, Math.max(0, x));
const d = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(4)} ${y.toFixed(4)}`).join("");
const figure = (value) => Number(value.toPrecision(4)).toString();

export class Curve {
  #figure;
  #points = []; // [at, raw, level, out, fired]
  #now = 0;
  #keys = {};

  constructor(figure) {
    this.#figure = figure;
  }

  /** The keys that are tried. */
  set keys(keys) {
    this.#keys = keys;
  }

  /** Points [at, raw, level, out, fired]; `anew`: what was drawn is of another line or sensor. */
  take({ points, anew, now }) {
    if (anew) this.#points = [];
    this.#points.push(...points);
    this.#now = now;
    const first = this.#points.findIndex(([at]) => at > now - HISTORY_S - 1);
    this.#points.splice(0, Math.max(first, this.#points.length - MOST_POINTS, 0));
  }

  draw() {
    this.#drawHistory();
    this.#drawTransfer();
  }

  get #range() {
    return this.#keys.range ?? [0, 1];
  }

  #drawHistory() {
    const svg = this.#figure.querySelector(".history svg");
    svg.replaceChildren();
    const { threshold, hysteresis = 0 } = this.#keys;
    const x = (at) => 1 - (this.#now - at) / HISTORY_S;
    const y = (out) => 0.97 - 0.94 * out;
    if (threshold) {
      const [top, bottom] = [y(threshold), y(Math.max(0, threshold - hysteresis))];
      shape(svg, "gate", `M0 ${top}L1 ${top}L1 ${bottom}L0 ${bottom}Z`);
      shape(svg, "threshold", `M0 ${top}L1 ${top}`, "8 4");
    }
    const heard = this.#points.filter(([, raw]) => raw !== null);
    const [lo, hi] = this.#range;
    const [low, high] = [Math.min(lo, hi, ...heard.map(([, raw]) => raw)), Math.max(lo, hi, ...heard.map(([, raw]) => raw))];
    const scaled = (raw) => y((raw - low) / (high - low));
    const steps = [];
    for (const [at, raw] of heard) {
      if (steps.length) steps.push([x(at), steps.at(-1)[1]]);
      steps.push([x(at), scaled(raw)]);
    }
    if (steps.length) shape(svg, "raw", d([...steps, [1, steps.at(-1)[1]]]), "2 3");
    shape(svg, "out", d(this.#points.map(([at, , , out]) => [x(at), y(bounded(out))])));
    for (const [at, , , , fired] of this.#points) if (fired) shape(svg, "fired", `M${x(at)} 0L${x(at)} 1`);
    this.#figure.querySelector(".ends").textContent = heard.length ? `raw ${figure(low)} … ${figure(high)}` : "nothing heard yet";
  }

  #drawTransfer() {
    const svg = this.#figure.querySelector(".transfer svg");
    svg.replaceChildren();
    const { threshold, hysteresis = 0, curve = "linear" } = this.#keys;
    const y = (out) => 0.97 - 0.94 * out;
    const x = (raw) => 0.03 + 0.94 * raw;
    if (threshold) {
      const [top, bottom] = [y(threshold), y(Math.max(0, threshold - hysteresis))];
      shape(svg, "gate", `M0 ${top}L1 ${top}L1 ${bottom}L0 ${bottom}Z`);
      shape(svg, "threshold", `M0 ${top}L1 ${top}`, "8 4");
    }
    const line = Array.from({ length: STEPS + 1 }, (_, i) => i / STEPS).map((share) => [x(share), y(CURVES[curve](share))]);
    shape(svg, "out", d(line));
    const last = this.#points.findLast(([, raw]) => raw !== null);
    const [lo, hi] = this.#range;
    if (last) {
      const [, raw, level] = last;
      const share = bounded((raw - lo) / (hi - lo));
      shape(svg, "raw", `M${x(share)} 1L${x(share)} ${y(level)}L0 ${y(level)}`, "2 3");
    }
    const now = this.#points.at(-1);
    this.#figure.querySelector(".now").textContent = last ? `${figure(last[1])} → ${now[3].toFixed(2)}` : `${figure(lo)} … ${figure(hi)}`;
  }
}
