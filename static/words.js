/** What the pages say about the show, in words. Pure. */

export const seconds = (value) => `${value.toFixed(value < 10 ? 1 : 0)} s`;

/** A cue as one reads it out: "3.5 Bubbles, closer". */
export const called = (cue) => (cue.name ? `${cue.number} ${cue.name}` : cue.number);

/** How a listed cue goes: "fades 6 s", "fades 4 s, then goes on", "fades 8 s, next at 12.5 s". */
export function timing({ fade, follow }) {
  if (follow === "manual") return `fades ${fade} s`;
  return `fades ${fade} s, ${follow === "continue" ? "then goes on" : `next at ${follow} s`}`;
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
