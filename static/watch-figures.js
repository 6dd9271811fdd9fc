/** The figures of a run over time: which there are, and their plots. */

import { find } from "./watch-elements.js";
import { Plot } from "./watch-plots.js";
import { topOf } from "./watch-run.js";

const FIGURES = [
  { from: "measures", title: "KID", means: "Away from real pictures; lower is better", floor: 0, most: topOf,
    lines: [{ name: "KID", of: (line) => line.kid, off: (line) => line.kid_deviation }] },
  { from: "measures", title: "Recall and precision", means: "Much of the variety; much looks right", floor: 0, top: 1,
    lines: [{ name: "recall", of: (line) => line.recall }, { name: "precision", of: (line) => line.precision }] },
  { from: "measures", title: "Memorisation", means: "Copies are at 0, below the dots it fails", floor: 0, top: 1, level: 0.6,
    lines: [{ name: "ratio", of: (line) => line.memorisation?.ratio }],
    says: (line) => (line.memorisation ? `${line.memorisation.passed ? "✓ passes" : "✕ copies"}, ${Math.round(100 * line.memorisation.share)} % like copies` : "") },
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

export class Figures {
  #plots;

  /** scrub(kimg) is called by fingers. */
  constructor(scrub) {
    this.#plots = FIGURES.map((spec) => ({ from: spec.from, plot: new Plot(spec, scrub) }));
    find("#plots").append(...this.#plots.map(({ plot }) => plot.element));
  }

  /** `record`: its log and its measures; `end`: the kimg at the right edge. */
  draw(record, end) {
    for (const { from, plot } of this.#plots) plot.draw(record[from], end);
  }

  /** The values at a kimg. */
  look(kimg) {
    for (const { plot } of this.#plots) plot.look(kimg);
  }
}
