/** The wall: nothing but the picture. In a worker where the browser has one that can draw, else in the page. */

import { stayAwake } from "./awake.js";
import { onDoubleTap, toggleFullScreen } from "./device.js";
import { showIn, watchSize } from "./picture.js";
import { projectorName } from "./protocol.js";

const canvas = document.querySelector("canvas");
const name = projectorName(location.pathname);

/** The only place beside the picture where words may stand: the title of the window. */
const tell = (fresh) => (document.title = `${fresh ? "" : "no picture: "}${name} · Marrow`);

function showFromWorker() {
  const worker = new Worker("/static/projector-worker.js", { type: "module" });
  worker.onerror = () => showIn(canvas, name, {}, tell); // no module workers: the canvas is still here
  worker.onmessage = () => {
    const offscreen = canvas.transferControlToOffscreen();
    worker.onerror = null;
    worker.onmessage = ({ data }) => tell(data.fresh);
    worker.postMessage({ type: "canvas", canvas: offscreen, name }, [offscreen]);
    watchSize(canvas, (width, height) => worker.postMessage({ type: "size", width, height }));
  };
}

tell(false);
if (canvas.transferControlToOffscreen) showFromWorker();
else showIn(canvas, name, {}, tell);

addEventListener("keydown", ({ key, repeat }) => {
  if (key.toLowerCase() === "f" && !repeat) toggleFullScreen();
});
onDoubleTap(document.documentElement, toggleFullScreen);
stayAwake();
