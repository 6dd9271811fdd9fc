/** The record of a run: what its files said when they were last asked for. */

import { bestOf, parseLines } from "./watch-run.js";

const FILES = ["run.json", "log.jsonl", "measures.jsonl"];

export class Record {
  name = "";
  target = 0; // kimg; 0 where none is set
  log = [];
  measures = [];
  best = null; // of the measures
  age = null; // seconds since the run last spoke
  #heard = []; // the texts of the files, as they were last

  /** Asks for all of it: {news, sheets}, whether a file is another than before, and the list of sheets. */
  async ask() {
    const texts = await Promise.all([...FILES, "sheets.json"].map((name) => hear(`/run/${name}`)));
    const listed = JSON.parse(texts.pop());
    const about = JSON.parse(texts[0]);
    const news = texts.some((text, i) => text !== this.#heard[i]);
    this.#heard = texts;
    if (news) {
      this.target = about.target_kimg ?? 0;
      this.log = parseLines(texts[1]);
      this.measures = parseLines(texts[2]);
      this.best = this.measures.length ? bestOf(this.measures) : null;
    }
    this.name = listed.run;
    this.age = listed.age;
    return { news, sheets: listed.sheets };
  }
}

async function hear(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.text();
}
