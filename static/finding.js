/** Finds cues in a long list by number, name, guest and words. Pure. */

const MARKS = /\p{Mn}/gu;

/** As it is compared: small letters without accents. */
const folded = (text) => text.normalize("NFD").replace(MARKS, "").toLowerCase();

/**
 * The list with the parts of groups behind them, as rows: {number, name, kind, depth, listed, who, words, cue, keys}. `listed`: the
 * list knows it, so that it can stand by. Older servers tell nothing of `who` and `words`.
 */
export function flatten(cues, depth = 0) {
  return cues.flatMap((cue) => {
    const { number, name, notes, kind, who = [], words = "", cues: parts } = cue;
    const keys = { name: folded(name), who: folded(who.join(" ")), words: folded(words), notes: folded(notes) };
    return [{ number, name, kind, depth, listed: depth === 0, who, words, cue, keys }, ...flatten(parts, depth + 1)];
  });
}

/** How well one word of a search fits a row, 0 the best; Infinity: not at all. */
function fit(word, { number, keys }) {
  if (number === word) return 0;
  if (number.startsWith(word)) return 1;
  const name = keys.name.indexOf(word);
  if (name === 0 || (name > 0 && !/\w/.test(keys.name[name - 1]))) return 2;
  if (keys.who.includes(word)) return 3;
  if (name > 0) return 4;
  if (keys.words.includes(word)) return 5;
  return keys.notes.includes(word) ? 6 : Infinity;
}

/** The rows in which every word of the text is found, the best first; of equals in their order. All for no text. */
export function find(rows, text) {
  const words = folded(text).split(/\s+/).filter(Boolean);
  if (!words.length) return rows;
  const ranked = rows.map((row) => ({ row, rank: words.reduce((sum, word) => sum + fit(word, row), 0) }));
  return ranked
    .filter(({ rank }) => rank < Infinity)
    .sort((one, other) => one.rank - other.rank)
    .map(({ row }) => row);
}
