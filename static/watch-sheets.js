/** The sheets of a run: loaded a few at a time, what is looked at first, and cut into their seeds. */

const COLUMNS = 8;
const AT_ONCE = 3;
const KEPT = 120; // in memory; the browser's own store holds the others

export class Sheets {
  #change;
  #list = [];
  #held = new Map(); // address -> image, oldest use first
  #wanted = []; // addresses, the first first
  #loading = 0;

  /** change() is called when a sheet has come. */
  constructor(change) {
    this.#change = change;
  }

  get list() {
    return this.#list;
  }

  /** [{kimg, file, stamp}] in order; true when it is another list than before. */
  follow(list) {
    const same = JSON.stringify(list) === JSON.stringify(this.#list);
    this.#list = list;
    return !same;
  }

  /** What to load next, as indices, the most wanted first. Then the others, ever finer: scrubbing finds one near. */
  want(...indices) {
    const others = finer(this.#list.length).slice(0, KEPT - indices.length);
    this.#wanted = [...new Set([...indices, ...others])].filter((i) => i in this.#list).map((i) => this.#address(i));
    this.#load();
  }

  /** The sheet at an index if it is here, else null. */
  at(index) {
    const address = index in this.#list ? this.#address(index) : "";
    const image = this.#held.get(address);
    if (!image) return null;
    this.#held.delete(address);
    this.#held.set(address, image);
    return image;
  }

  /** The nearest sheet that is here, or null. */
  near(index) {
    for (let away = 0; away < this.#list.length; away++) {
      const image = this.at(index - away) ?? this.at(index + away);
      if (image) return image;
    }
    return null;
  }

  #address(index) {
    const { file, stamp } = this.#list[index];
    return `/run/${file}?${stamp}`;
  }

  async #load() {
    if (this.#loading >= AT_ONCE) return;
    const address = this.#wanted.find((each) => !this.#held.has(each));
    if (!address) return;
    this.#loading++;
    this.#held.set(address, null);
    const image = new Image();
    image.src = address;
    this.#load();
    try {
      await image.decode();
      this.#held.set(address, image);
      for (const [old, known] of this.#held) {
        if (this.#held.size <= KEPT) break;
        if (known && !this.#wanted.includes(old)) this.#held.delete(old);
      }
      this.#change();
    } catch {
      this.#held.delete(address); // half written, or gone: the next list asks again
      this.#wanted = this.#wanted.filter((each) => each !== address);
    }
    this.#loading--;
    this.#load();
  }
}

/** 0..count-1 in an order that halves the gaps: the ends, the middle, the quarters ... */
export function finer(count) {
  const order = [];
  for (let step = 2 ** Math.ceil(Math.log2(Math.max(1, count))); step >= 1; step /= 2) {
    for (let i = 0; i < count; i += step) order.push(i);
  }
  return [...new Set([count - 1, ...order])].filter((i) => i >= 0);
}

const tileSide = (sheet) => sheet.naturalWidth / COLUMNS;
export const seedsOf = (sheet) => COLUMNS * Math.round(sheet.naturalHeight / tileSide(sheet));

/** Which seed is under a point of the sheet; x and y are shares of its sides. */
export function seedAt(sheet, x, y) {
  const rows = seedsOf(sheet) / COLUMNS;
  return Math.min(rows - 1, Math.floor(y * rows)) * COLUMNS + Math.min(COLUMNS - 1, Math.floor(x * COLUMNS));
}

/** Draws a sheet, or one seed of it, as large as it is; a canvas that has the size already is not cleared before. */
export function draw(canvas, sheet, seed = null) {
  const side = tileSide(sheet);
  const [x, y] = seed === null ? [0, 0] : [(seed % COLUMNS) * side, Math.floor(seed / COLUMNS) * side];
  const [w, h] = seed === null ? [sheet.naturalWidth, sheet.naturalHeight] : [side, side];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  canvas.getContext("2d").drawImage(sheet, x, y, w, h, 0, 0, w, h);
}
