/** The wall: nothing but the picture. In a worker where the browser has one that can draw, else in the page. */

import { stayAwake } from "./awake.js";
import { onDoubleTap, toggleFullScreen } from "./device.js";
import { showIn, watchSize } from "./picture.js";
import { projectorName, projectorSocket } from "./protocol.js";

const canvas = document.querySelector("canvas");
const name = projectorName(location.pathname);
const address = projectorSocket(name);

/** The only place beside the picture where words may stand: the title of the window. */
const tell = (fresh) => (document.title = `${fresh ? "" : "no picture: "}${name} · Marrow`);

function showFromWorker() {
  const worker = new Worker("/static/projector-worker.js", { type: "module" });
  worker.onerror = () => showIn(canvas, address, {}, tell); // no module workers: the canvas is still here
  worker.onmessage = () => {
    const offscreen = canvas.transferControlToOffscreen();
    worker.onerror = null;
    worker.onmessage = ({ data }) => tell(data.fresh);
    worker.postMessage({ type: "canvas", canvas: offscreen, address }, [offscreen]);
    watchSize(canvas, (width, height) => worker.postMessage({ type: "size", width, height }));
  };
}

tell(false);
if (canvas.transferControlToOffscreen) showFromWorker();
else showIn(canvas, address, {}, tell);

addEventListener("keydown", ({ key, repeat }) => {
  if (key.toLowerCase() === "f" && !repeat) toggleFullScreen();
});
onDoubleTap(document.documentElement, toggleFullScreen);
stayAwake();
