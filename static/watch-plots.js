/** Plots over kimg as SVG: lines told apart by dashes and words, a band of deviation, a line to stay at or above. */

import { onDrag } from "./watch-drag.js";
import { make } from "./watch-elements.js";
import { figure, nearest } from "./watch-run.js";

const SVG = "http://www.w3.org/2000/svg";
const DASHES = ["", "7 5", "2 4"];

/** Points [[x, y], ...] in shares of the picture -> the data of a path; gaps (null) break it. */
function path(points) {
  let pen = "M";
  return points.map((point) => {
    if (!point) return (pen = "M"), "";
    const step = `${pen}${point[0].toFixed(4)} ${point[1].toFixed(4)}`;
    pen = "L";
    return step;
  }).join("");
}

/** Adds to `svg` a shape of a class; its lines keep their width however the picture is stretched. */
export function shape(svg, className, data, dash = "") {
  const element = document.createElementNS(SVG, "path");
  element.setAttribute("class", className);
  element.setAttribute("d", data);
  if (dash) element.setAttribute("stroke-dasharray", dash);
  svg.append(element);
}

/** y of values -> a scale to shares from the top, with some air; [lo, hi] are its ends. What is beyond `most` lies above its top. */
export function scaleOf(values, { floor = Infinity, top = -Infinity, most = Infinity } = {}) {
  const known = values.filter(Number.isFinite);
  let [lo, hi] = [Math.min(floor, ...known), Math.min(most, Math.max(top, ...known))];
  if (!(hi > lo)) [lo, hi] = [lo - 0.5, lo + 0.5];
  return { lo, hi, at: (value) => 0.94 - (0.88 * (value - lo)) / (hi - lo) };
}

/** A line with its band of deviation into `svg`. `of(line)`, `off(line)`: value and deviation. */
export function drawBand(svg, lines, x, y, of, off) {
  const known = lines.filter((line) => Number.isFinite(of(line)));
  const edge = (sign) => known.map((line) => [x(line.kimg), y(of(line) + sign * (off(line) || 0))]);
  if (known.length > 1) shape(svg, "band", `${path(edge(1))}${path(edge(-1).reverse()).replace("M", "L")}Z`);
  shape(svg, "line", path(known.map((line) => [x(line.kimg), y(of(line))])));
}

/**
 * One plot. lines: [{name, of(line), off?(line)}] over log or measures; `floor` and `top`: the scale goes at least so
 * far, `most(lines)` no further; `level`: a value to know, dotted; `says(line)`: words to the value. scrub(kimg) is called by fingers.
 */
export class Plot {
  #spec;
  #svg = document.createElementNS(SVG, "svg");
  #values = make("p", { className: "values number" });
  #high = make("span", { className: "number" });
  #low = make("span", { className: "number" });
  #hand = make("i");
  #lines = [];
  #end = 1;
  element = make("figure", { className: "plot" });

  constructor(spec, scrub) {
    this.#spec = spec;
    this.#svg.setAttribute("viewBox", "0 0 1 1");
    this.#svg.setAttribute("preserveAspectRatio", "none");
    const [chart, ends, area, caption] = [make("div", { className: "chart" }), make("p"), make("div"), make("figcaption")];
    ends.append(this.#high, this.#low);
    area.append(this.#svg, this.#hand);
    chart.append(ends, area);
    caption.append(make("b", {}, spec.title), make("span", { className: "soft" }, spec.means));
    this.element.append(caption, this.#values, chart);
    const at = (x) => scrub(Math.min(1, Math.max(0, x)) * this.#end);
    onDrag(area, { move: at, tap: at });
  }

  /** lines in order of kimg; `end`: the kimg at the right edge. Without any value it is hidden. */
  draw(lines, end) {
    const { lines: curves, floor, top, most, level } = this.#spec;
    this.#lines = lines.filter((line) => curves.some(({ of }) => Number.isFinite(of(line))));
    this.#end = end;
    this.element.hidden = !this.#lines.length;
    if (this.element.hidden) return;
    const x = (kimg) => kimg / end;
    const reach = ({ of, off }) => this.#lines.flatMap((line) => (off ? [of(line) - off(line), of(line) + off(line)] : [of(line)]));
    const { lo, hi, at } = scaleOf(curves.flatMap(reach), { floor, top, most: most?.(this.#lines) });
    this.#svg.replaceChildren();
    if (level !== undefined) shape(this.#svg, "level", `M0 ${at(level)}L1 ${at(level)}`, "3 5");
    curves.forEach(({ of, off }, i) => {
      if (off) drawBand(this.#svg, this.#lines, x, at, of, off);
      else shape(this.#svg, "line", path(this.#lines.map((line) => (Number.isFinite(of(line)) ? [x(line.kimg), at(of(line))] : null))), DASHES[i]);
    });
    this.#high.textContent = figure(hi);
    this.#low.textContent = figure(lo);
  }

  /** The values at a kimg, and a line through it. */
  look(kimg) {
    if (!this.#lines.length) return;
    const line = this.#lines[nearest(this.#lines.map((each) => each.kimg), kimg)];
    this.#hand.style.left = `${(100 * Math.min(kimg, this.#end)) / this.#end}%`;
    const several = this.#spec.lines.length > 1;
    this.#values.replaceChildren(
      ...this.#spec.lines.flatMap(({ name, of, off }, i) => {
        if (!Number.isFinite(of(line))) return [];
        const value = make("span", {}, figure(of(line)));
        if (off) value.append(make("small", {}, ` ± ${figure(off(line))}`));
        if (several) value.append(dash(DASHES[i]), make("small", {}, name));
        return [value];
      }),
      make("small", {}, this.#spec.says?.(line) ?? ""),
    );
  }
}

function dash(pattern) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "dash");
  svg.setAttribute("viewBox", "0 0 24 4");
  shape(svg, "line", "M0 2L24 2", pattern);
  return svg;
}
