/** The wall: nothing but the picture. In a worker where the browser has one that can draw, else in the page. */

import { stayAwake } from "./awake.js";
import { onDoubleTap, toggleFullScreen } from "./device.js";
import { showIn, watchSize } from "./picture.js";
import { projectorName, projectorSocket } from "./protocol.js";

const canvas = document.querySelector("canvas");
const name = projectorName(location.pathname);
const address = projectorSocket(name);

/** The only place beside the picture where words may stand: the title of the window. */
const trouble = { "no picture": true, "may go to sleep": false };
function tell(what, on) {
  trouble[what] = on;
  const words = Object.keys(trouble).filter((one) => trouble[one]);
  document.title = `${words.join(", ")}${words.length ? ": " : ""}${name} · Marrow`;
}
const tellFresh = (fresh) => tell("no picture", !fresh);

function showFromWorker() {
  const worker = new Worker("/static/projector-worker.js", { type: "module" });
  worker.onerror = () => showIn(canvas, address, {}, tellFresh); // no module workers: the canvas is still here
  worker.onmessage = () => {
    const offscreen = canvas.transferControlToOffscreen();
    worker.onerror = null;
    worker.onmessage = ({ data }) => tellFresh(data.fresh);
    worker.postMessage({ type: "canvas", canvas: offscreen, address }, [offscreen]);
    watchSize(canvas, (width, height) => worker.postMessage({ type: "size", width, height }));
  };
}

tellFresh(false);
if (canvas.transferControlToOffscreen) showFromWorker();
else showIn(canvas, address, {}, tellFresh);

addEventListener("keydown", ({ key, repeat }) => {
  if (key.toLowerCase() === "f" && !repeat) toggleFullScreen();
});
onDoubleTap(document.documentElement, toggleFullScreen);
stayAwake((awake) => tell("may go to sleep", !awake));
