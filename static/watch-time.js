/** Time in a run: which of its sheets is looked at. A hand moves it, it plays, or it stays with the newest. */

import { nearest } from "./watch-run.js";

const PLAY_MS = 160; // a sheet; the whole run takes seconds

export class Time {
  #record;
  #sheets;
  #moved;
  #turned;
  #kimg = null; // null: the newest, whatever comes
  #playing = 0;

  /** moved() is called when another sheet may be looked at, turned() when playing begins or ends. */
  constructor(record, sheets, moved, turned) {
    this.#record = record;
    this.#sheets = sheets;
    this.#moved = moved;
    this.#turned = turned;
  }

  /** Index of the sheet that is looked at. */
  get index() {
    return this.#kimg === null ? this.newest : nearest(this.#kimgs(), this.#kimg);
  }

  /** Index of the newest sheet, -1 before the first. */
  get newest() {
    return this.#sheets.list.length - 1;
  }

  /** Index of the sheet nearest to the best snapshot, -1 where none is the best. */
  get best() {
    return this.#record.best ? nearest(this.#kimgs(), this.#record.best.kimg) : -1;
  }

  /** Index of what a picture is held against: the best, or else the newest. */
  get other() {
    return this.#record.best ? this.best : this.newest;
  }

  /** The kimg that is looked at, 0 before the first sheet. */
  get kimg() {
    return this.#sheets.list[this.index]?.kimg ?? 0;
  }

  /** The last kimg there is anything of: the right edge of all that is drawn over time. */
  get end() {
    return Math.max(1, this.#sheets.list.at(-1)?.kimg ?? 0, this.#record.log.at(-1)?.kimg ?? 0);
  }

  get withNewest() {
    return this.#kimg === null;
  }

  get playing() {
    return Boolean(this.#playing);
  }

  /** A hand moves to a sheet, or as near as there is one; playing ends. */
  goTo(index) {
    this.stop();
    this.#show(index);
  }

  /** The same, to the sheet nearest to a kimg. */
  goToKimg(kimg) {
    this.goTo(nearest(this.#kimgs(), kimg));
  }

  /** From here, or from the first when here is the newest, to the newest; where it plays, it stops. */
  play() {
    if (this.#playing) return this.stop();
    if (this.index === this.newest) this.#show(0);
    this.#playing = setInterval(() => this.#step(), PLAY_MS);
    this.#turned();
  }

  stop() {
    clearInterval(this.#playing);
    this.#playing = 0;
    this.#turned();
  }

  #step() {
    if (!this.#sheets.at(this.index + 1) && this.index < this.newest) return; // not here yet: wait for it
    this.#show(this.index + 1);
    if (this.withNewest) this.stop();
  }

  #show(index) {
    if (this.newest < 0) return;
    const at = Math.min(this.newest, Math.max(0, index));
    this.#kimg = at === this.newest ? null : this.#sheets.list[at].kimg;
    this.#moved();
  }

  #kimgs() {
    return this.#sheets.list.map((sheet) => sheet.kimg);
  }
}
