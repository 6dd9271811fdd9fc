/** Keeps the screen on: by a wake lock where the browser gives one, else by a silent film that runs in a corner. */

const LOCKED = "The browser keeps this screen awake.";
const FILM = "A silent film in the corner keeps this screen awake: over plain http browsers have nothing better.";
const TOUCH = "This screen may go to sleep. Touch the page once, and a silent film keeps it awake.";
const ASLEEP = "This screen may go to sleep: the browser will not have it kept awake. Set the tablet's own screen time to never.";

/**
 * tell(awake, words, warns) hears whether the screen stays on, and why, whenever that changes. `warns`: somebody should
 * do something about it. A wake lock needs https or localhost. A film needs a touch before it may run, and a sound
 * track (an empty one) before it counts.
 */
export function stayAwake(tell = () => {}) {
  const film = makeFilm();
  const show = () => {
    film.isConnected || document.body.append(film);
    film.play().then(
      () => tell(true, FILM, false),
      ({ name }) => tell(false, name === "NotAllowedError" ? TOUCH : ASLEEP, warns(name === "NotAllowedError")),
    );
  };
  const lock = async () => {
    const sentinel = await navigator.wakeLock.request("screen");
    tell(true, LOCKED, false);
    sentinel.onrelease = () => document.visibilityState === "visible" && ask();
  };
  const ask = () => {
    if (document.visibilityState !== "visible") return; // both end whenever the page is hidden
    if ("wakeLock" in navigator) lock().catch(show);
    else show();
  };
  document.addEventListener("visibilitychange", ask);
  for (const name of ["pointerup", "keydown"]) addEventListener(name, () => film.isConnected && film.paused && show());
  ask();
}

/** Screens under fingers go dark in minutes, those of a desk seldom. */
const warns = (wantsTouch) => matchMedia("(pointer: coarse)").matches && !(wantsTouch && isSecureContext);

function makeFilm() {
  const film = Object.assign(document.createElement("video"), { className: "awake", loop: true, playsInline: true, tabIndex: -1 });
  film.setAttribute("aria-hidden", "true");
  for (const [kind, type] of [["webm", "video/webm"], ["mp4", "video/mp4"]]) {
    film.append(Object.assign(document.createElement("source"), { src: `/static/awake.${kind}`, type }));
  }
  return film;
}
