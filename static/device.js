/** What a page asks of the tablet or screen it stands on: hold still, fill the screen, tell presses from holds. */

const DOUBLE_TAP_MS = 350;
const DOUBLE_TAP_PX = 48;

/** No pinch, no menu under a long touch. The style sheet forbids the rest (touch-action, user-select). */
export function holdStill() {
  for (const name of ["contextmenu", "gesturestart", "dragstart"]) {
    addEventListener(name, (event) => event.preventDefault(), { passive: false });
  }
}

export function toggleFullScreen() {
  const asked = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen({ navigationUI: "hide" });
  asked.catch((error) => console.info(`full screen refused: ${error.message}`));
}

/** Two taps, or two clicks, close together in time and place. */
export function onDoubleTap(element, act) {
  let last = null;
  element.addEventListener("pointerup", (event) => {
    const near =
      last &&
      event.timeStamp - last.timeStamp < DOUBLE_TAP_MS &&
      Math.hypot(event.clientX - last.clientX, event.clientY - last.clientY) < DOUBLE_TAP_PX;
    last = near ? null : event;
    if (near) act();
  });
}

/** Acts when the finger comes down, not when it leaves; keyboards and switches (a click without a pointer) too. */
export function onPress(button, act) {
  button.addEventListener("pointerdown", (event) => {
    if (event.button === 0) act();
  });
  button.addEventListener("click", (event) => {
    if (event.detail === 0) act();
  });
}

/** Acts once it has been held down for `ms`; `--held` of the button goes from 0 to 1 meanwhile. Let go, it forgets. */
export function onHold(button, ms, act) {
  let since = null;
  const letGo = () => {
    since = null;
    button.style.setProperty("--held", 0);
  };
  const feel = () => {
    if (since === null) return;
    const held = (performance.now() - since) / ms;
    button.style.setProperty("--held", Math.min(1, held));
    if (held < 1) return requestAnimationFrame(feel);
    letGo();
    act();
  };
  const press = () => {
    if (since !== null) return;
    since = performance.now();
    feel();
  };
  button.addEventListener("pointerdown", (event) => event.button === 0 && press());
  button.addEventListener("keydown", (event) => event.key === "Enter" && !event.repeat && press());
  for (const name of ["pointerup", "pointerleave", "pointercancel", "blur", "keyup"]) button.addEventListener(name, letGo);
}
