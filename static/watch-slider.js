/** The slider of time: KID along it, the best, what was wrong and when, and where one is. */

import { onDrag } from "./watch-drag.js";
import { find, icon, make, say } from "./watch-elements.js";
import { drawBand, scaleOf } from "./watch-plots.js";
import { figure, saidOf, topOf } from "./watch-run.js";

export class Slider {
  #record;
  #sheets;
  #time;

  constructor(record, sheets, time) {
    this.#record = record;
    this.#sheets = sheets;
    this.#time = time;
    const slide = (x) => time.goToKimg(x * time.end);
    onDrag(find("#time"), { down: slide, move: slide });
  }

  /** KID with its deviation, the best, and the ticks at which something was wrong. */
  draw() {
    const { best, log, measures } = this.#record;
    const svg = find("#time svg");
    const marks = find("#marks");
    svg.replaceChildren();
    marks.replaceChildren();
    const { end } = this.#time;
    const x = (kimg) => kimg / end;
    const known = measures.filter((line) => Number.isFinite(line.kid));
    if (known.length) {
      const { at } = scaleOf(known.flatMap((line) => [line.kid - line.kid_deviation, line.kid + line.kid_deviation]), { most: topOf(known) });
      drawBand(svg, known, x, (value) => 0.26 + 0.72 * at(value), (line) => line.kid, (line) => line.kid_deviation);
    }
    const put = (kimg, className, ...children) => {
      const mark = make("span", { className }, ...children);
      mark.style.left = `${100 * x(kimg)}%`;
      marks.append(mark);
      return mark;
    };
    for (const line of log) if (line.words?.length) put(line.kimg, "trouble", icon("triangle"));
    if (best) {
      const mark = put(best.kimg, "best", icon("diamond"), make("b", {}, `best, ${figure(best.kimg)}`));
      mark.dataset.side = x(best.kimg) > 0.75 ? "left" : "right";
    } else put(0, "none", known.length ? "KID: none passes the memorisation test" : "no KID yet");
    if (known.length) marks.append(make("span", { className: "what" }, "KID"));
  }

  /** The hand at the moment that is looked at, and what is known of it. There is a sheet. */
  look() {
    const { kimg, end } = this.#time;
    const { list } = this.#sheets;
    say(find("#at"), `${figure(kimg)} kimg`);
    const said = saidOf(kimg, this.#record.measures, this.#record.best);
    find("#said").replaceChildren(...(said.shape ? [icon(said.shape), " "] : []), said.text);
    find("#hand").style.left = `${100 * Math.min(1, kimg / end)}%`;
    const slider = find("#time");
    slider.setAttribute("aria-valuemin", list[0].kimg);
    slider.setAttribute("aria-valuemax", list.at(-1).kimg);
    slider.setAttribute("aria-valuenow", kimg);
    slider.setAttribute("aria-valuetext", `${figure(kimg)} kimg. ${said.text}`);
  }
}
