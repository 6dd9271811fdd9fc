/** What the pages say about the show, in words. Pure. */

export const seconds = (value) => `${value.toFixed(value < 10 ? 1 : 0)} s`;

/** A cue as one reads it out: "3.5 Bubbles, closer". */
export const called = (cue) => (cue.name ? `${cue.number} ${cue.name}` : cue.number);

/** How many lines a cue of the list holds. */
const lines = ({ kind, cues = [] }) => (kind === "line" ? 1 : cues.reduce((sum, cue) => sum + lines(cue), 0));

/** What a listed cue does with its time, by its kind. */
function doing(cue) {
  const count = lines(cue);
  if (cue.kind === "group") return count ? `${count} line${count === 1 ? "" : "s"}` : `${cue.cues.length} cues`;
  return ["look", "fade"].includes(cue.kind) ? `fades ${cue.fade} s` : cue.kind;
}

/** How a listed cue goes: "fades 6 s", "9 lines, then goes on", "fades 8 s, next at 12.5 s". */
export function timing(cue) {
  const { follow } = cue;
  if (follow === "manual") return doing(cue);
  return `${doing(cue)}, ${typeof follow === "number" ? `next at ${follow} s` : "then goes on"}`;
}

/** The renderer's state -> {shape, text}. Its note says what it is about, or what went wrong. */
export function pictureState({ state, note, progress }) {
  switch (state) {
    case "running":
      return { shape: "disc", text: "picture running" };
    case "starting":
      return { shape: "ring", text: `picture: ${note}, ${Math.round(100 * progress)} %` };
    case "restarting":
      return { shape: "triangle", text: `picture ${note}` };
    case "failed":
      return { shape: "cross", text: `picture failed: ${note}` };
  }
}

/** What there is to say of a cue's network while it is not ready: its entry in the state, and the cue's trouble. */
export function networkState(name, network, trouble) {
  if (trouble) return `no network ${name}: ${trouble}`;
  if (network?.state === "loading") return `loading the network ${name}, ${Math.round(100 * network.fraction)} %`;
  return "";
}

/** "29.8 frames a second · last frame 0.0 s ago"; age in seconds, or null before the first frame. */
export function pictureFigures(fps, age) {
  return age === null ? "no frame yet" : `${fps.toFixed(1)} frames a second · last frame ${seconds(age)} ago`;
}

/** How many of `count` written words are past, when a line has `said` of its `words`, as they are heard, behind it. */
export const past = ({ said, words }, count) => (words ? Math.round((count * said) / words) : 0);

/** What kept the place after a crash: its moment, what was lost, and why, as one sentence for a tired operator. */
export function comeBack({ at, seconds_lost: lost, why }) {
  const moment = new Date(at);
  const time = Number.isNaN(moment.getTime()) ? at : moment.toLocaleTimeString([], { hour12: false });
  return `Held: the show came back at ${time}, ${lost < 0.05 ? "nothing" : seconds(lost)} lost. ${why}`.trim();
}
