/** What a run's files say: its lines in order, the best snapshot, how it is, how long it will take. Pure. */

const [NEAR, RECALL_HOLDS, RECALL_TELLS] = [2, 0.8, 0.05]; // models/training/choice.py has the same rule, and says why
const SILENT_S = 60; // shorter silences mean nothing
const SILENT_TICKS = 3;
const RECENT = 5; // ticks that tell the speed

/** JSON lines -> objects in order of kimg. What is no object is left out; a resumed run's lines replace older ones. */
export function parseLines(text) {
  const lines = [];
  for (const part of text.split("\n")) {
    const line = parse(part) ?? parse(part.replace(/-?\b(NaN|Infinity)\b/g, "null"));
    if (typeof line?.kimg !== "number") continue;
    while (lines.length && lines.at(-1).kimg >= line.kimg) lines.pop();
    lines.push(line);
  }
  return lines;
}

function parse(part) {
  try {
    return JSON.parse(part);
  } catch {
    return null;
  }
}

/** The measured snapshot that would be chosen, or null: lowest KID of those that copy nothing and whose recall holds. */
export function bestOf(measures) {
  const honest = comparable(measures).filter((line) => line.memorisation?.passed);
  const lowest = lowestOf(honest);
  const near = honest.filter((line) => line.kid - lowest.kid <= Math.max((NEAR - 1) * lowest.kid, line.kid_deviation + lowest.kid_deviation));
  const recall = Math.max(...near.map((line) => line.recall));
  return lowestOf(near.filter((line) => recall < RECALL_TELLS || line.recall >= RECALL_HOLDS * recall));
}

/** A KID to end the scale at: four times the lowest, or what came after it. A run begins so far above that nothing else would show. */
export function topOf(measures) {
  const known = comparable(measures);
  const honest = known.filter((line) => line.memorisation?.passed);
  const lowest = lowestOf(honest.length ? honest : known);
  if (!lowest) return Infinity;
  const upper = (line) => line.kid + (line.kid_deviation || 0);
  return Math.max(4 * upper(lowest), ...[bestOf(measures) ?? lowest, ...known.slice(known.indexOf(lowest))].map(upper));
}

/** What was measured as the newest was: by the same features, against the same pictures. Of one whole kimg the last. */
function comparable(measures) {
  const newest = measures.at(-1);
  const same = measures.filter((line) => line.tier === newest.tier && line.against === newest.against && line.fakes === newest.fakes);
  const known = same.filter((line) => Number.isFinite(line.kid) && Number.isFinite(line.recall));
  return known.filter((line, i) => Math.floor(line.kimg) !== Math.floor(known[i + 1]?.kimg));
}

const lowestOf = (lines) => lines.reduce((best, line) => (best && best.kid <= line.kid ? best : line), null);

export const nearest = (kimgs, kimg) => kimgs.reduce((best, each, i) => (Math.abs(each - kimg) < Math.abs(kimgs[best] - kimg) ? i : best), 0);

/** "50 s", "12 min", "3 h 20 min", "2 days 4 h" */
export function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days ${hours % 24} h`;
}

/** Seconds a kimg takes now: the median of the last ticks, or null. */
function pace(log) {
  const speeds = log.slice(-RECENT).map((line) => line.s_per_kimg).filter(Number.isFinite).sort((a, b) => a - b);
  return speeds.length ? speeds[speeds.length >> 1] : null;
}

/** How the run is: {shape, word, text}. `age`: seconds since it last spoke, or null. */
export function stateOf(log, target, age) {
  const last = log.at(-1);
  if (!last) return { shape: "ring", word: "Waiting", text: "for the first tick" };
  if (target && last.kimg >= target) return { shape: "disc", word: "Finished", text: `at ${last.kimg} kimg` };
  const tick = tickSeconds(log);
  if (age > Math.max(SILENT_S, SILENT_TICKS * tick)) {
    const usual = tick ? `; a tick took ${duration(tick)}` : "";
    return { shape: "triangle", word: "Stopped sending", text: `nothing for ${duration(age)}${usual}` };
  }
  const wait = tick - age;
  return { shape: "play", word: "Training", text: wait > 5 ? `next tick in ${duration(wait)}` : "a tick is due" };
}

function tickSeconds(log) {
  const [before, last] = [log.at(-2)?.kimg ?? 0, log.at(-1).kimg];
  return (last - before) * (pace(log) ?? 0);
}

/** "212 of 300 kimg · about 1 h 20 min of training left" */
export function timeLeft(log, target) {
  const kimg = log.at(-1)?.kimg;
  if (kimg === undefined) return "";
  if (!target) return `${figure(kimg)} kimg`;
  const speed = pace(log);
  const left = speed && kimg < target ? ` · about ${duration((target - kimg) * speed)} of training left` : "";
  return `${figure(kimg)} of ${figure(target)} kimg${left}`;
}

/** A number as one reads it: three figures, no more. */
export function figure(value) {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) < 0.01) return `${+value.toPrecision(2)}`;
  return Math.abs(value) >= 100 ? `${Math.round(value)}` : `${+value.toPrecision(3)}`;
}

/** What is known of the picture at a kimg: {text, shape}. */
export function saidOf(kimg, measures, best) {
  if (!measures.length) return { shape: "", text: "Not measured: judge by eye." };
  const line = measures[nearest(measures.map((each) => each.kimg), kimg)];
  const away = Math.abs(line.kimg - kimg) < 1 ? "" : `Measured at ${figure(line.kimg)}: `;
  const kid = `KID ${figure(line.kid)} ± ${figure(line.kid_deviation)}, recall ${figure(line.recall)}`;
  if (line.memorisation?.passed === false) return { shape: "cross", text: `${away}${kid}. It copies training pictures.` };
  if (!best) return { shape: "", text: `${away}${kid}.` };
  if (line.kimg === best.kimg) return { shape: "diamond", text: `${away}${kid}. The best so far.` };
  const than = `than the best, at ${figure(best.kimg)} kimg`;
  if (line.kid < best.kid) return { shape: "", text: `${away}${kid}. KID is lower ${than}, but recall does not hold.` };
  const alike = line.kid - best.kid <= Math.max(line.kid_deviation, best.kid_deviation);
  if (alike) return { shape: "", text: `${away}${kid}. Within its deviation of the best, at ${figure(best.kimg)} kimg.` };
  const times = best.kid > 0 ? `${figure(+(line.kid / best.kid).toFixed(1))} × the best, at ${figure(best.kimg)} kimg.` : `Worse ${than}.`;
  return { shape: "", text: `${away}${kid}. ${times}` };
}
