/** The page of a run: its pictures moved through in time, its figures, and what is wrong with it. */

import { Figures } from "./watch-figures.js";
import { Film } from "./watch-film.js";
import { drawHeader, drawUnheard } from "./watch-header.js";
import { Moves } from "./watch-moves.js";
import { Pictures } from "./watch-pictures.js";
import { Record } from "./watch-record.js";
import { Sheets } from "./watch-sheets.js";
import { Slider } from "./watch-slider.js";
import { Time } from "./watch-time.js";

const LOOK_MS = 3000;

const record = new Record();
const sheets = new Sheets(drawSheets);
const time = new Time(record, sheets, drawMoment, () => moves.draw());
const pictures = new Pictures(sheets, time, drawSeed);
const film = new Film(sheets, time);
const slider = new Slider(record, sheets, time);
const figures = new Figures((kimg) => time.goToKimg(kimg));
const moves = new Moves(time, pictures);

/** What depends on the sheets that are here. */
function drawSheets() {
  pictures.draw();
  film.draw(pictures.seed);
}

/** What depends on the moment that is looked at. */
function drawMoment() {
  const { index, kimg, newest, other } = time;
  if (newest < 0) return;
  sheets.want(index, other, index + 1, index - 1, ...(pictures.seed === null ? [] : film.frames()));
  pictures.draw();
  film.mark();
  slider.look();
  figures.look(kimg);
  moves.draw();
}

/** What depends on the seed that is seen. */
function drawSeed() {
  drawMoment();
  film.draw(pictures.seed);
  moves.draw(); // before the first sheet there is no moment
}

async function look() {
  const { news, sheets: list } = await record.ask();
  if (sheets.follow(list) || news) {
    slider.draw();
    figures.draw(record, time.end);
    drawMoment();
    film.draw(pictures.seed);
  }
  drawHeader(record);
}

async function watch() {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError || /^\/run\//.test(error.message))) throw error;
    drawUnheard();
  } finally {
    setTimeout(watch, LOOK_MS);
  }
}
watch();
