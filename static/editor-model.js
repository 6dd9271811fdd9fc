/** The show file as the editor's page has it: cues in the order in which they play, and places among them. Pure. */

const key = (number) => number.split(".").map(Number);

/** Sorts numbers as the show does: 12.9 before 12.10. */
export function byNumber(a, b) {
  const [left, right] = [key(a.number), key(b.number)];
  for (let nth = 0; nth < Math.min(left.length, right.length); nth++) if (left[nth] !== right[nth]) return left[nth] - right[nth];
  return left.length - right.length;
}

/** [{cue, group, depth}] of all cues, those of a group behind it; `group` is the number of what it is in, or "". */
export function flatten(cues = [], group = "", depth = 0) {
  return [...cues].sort(byNumber).flatMap((cue) => [{ cue, group, depth }, ...flatten(cue.cue, cue.number, depth + 1)]);
}

/** Where a cue goes that is moved by one place: {before} or {after} a neighbour; null at an end of its list. */
export function stepped(rows, number, by) {
  const own = rows.find(({ cue }) => cue.number === number);
  const row = rows.filter(({ group }) => group === own?.group).map(({ cue }) => cue.number);
  const neighbour = row[row.indexOf(number) + by];
  if (neighbour === undefined || !own) return null;
  return by < 0 ? { before: neighbour } : { after: neighbour };
}

const BARE = /^[A-Za-z0-9_-]+$/;

/** Names as a key of the show file: drive."plate.mom".psi */
export const dotted = (...names) => names.map((name) => (BARE.test(name) ? name : JSON.stringify(name))).join(".");

/** {control: {part: gain, bend: {name: gain}}} -> [{control, part, gain}] and back. */
export const driveRows = (drive = {}) =>
  Object.entries(drive).flatMap(([control, parts]) =>
    Object.entries(parts).flatMap(([part, gain]) =>
      typeof gain === "object" ? Object.entries(gain).map(([name, amount]) => ({ control, part: `${part}.${name}`, gain: amount })) : [{ control, part, gain }],
    ),
  );

export function driveTable(rows) {
  const drive = {};
  for (const { control, part, gain } of rows) {
    const [table, ...name] = part.split(".");
    const entry = (drive[control] ??= {});
    if (name.length) (entry[table] ??= {})[name.join(".")] = gain;
    else entry[table] = gain;
  }
  return drive;
}

/** A point of a walk in words, home or 12 or {"9": 0.7}, and words as points. Throws SyntaxError for what is none. */
export const pointWords = (point) => (typeof point === "object" ? JSON.stringify(point) : String(point));

export function wordsToPoints(words) {
  const pieces = words.match(/\{[^}]*\}|[^,{}]+/g) ?? [];
  return pieces.map((piece) => piece.trim()).filter(Boolean).map((piece) => (piece.startsWith("{") ? JSON.parse(piece) : /^\d+$/.test(piece) ? Number(piece) : piece));
}

/** Values of a message in words, 64, "on", 0.5, and back; a word needs no quotes. */
export const valueWords = (values = []) => values.map((value) => (typeof value === "string" && /^[A-Za-z][\w -]*$/.test(value) && !["true", "false"].includes(value) ? value : JSON.stringify(value))).join(", ");

export function wordsToValues(words) {
  const pieces = words.match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? [];
  return pieces.map((piece) => piece.trim()).filter(Boolean).map((piece) => {
    try {
      return JSON.parse(piece);
    } catch {
      return piece;
    }
  });
}
