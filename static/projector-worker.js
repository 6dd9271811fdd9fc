/** The projector's other thread: socket, decoding and drawing, on the canvas that the page hands over. */

import { Picture, receiveInto } from "./picture.js";

let picture = null;

const HEARD = {
  canvas({ canvas, address }) {
    picture = new Picture(canvas);
    receiveInto(picture, address, (fresh) => postMessage({ type: "change", fresh }));
  },
  size({ width, height }) {
    picture.resize(width, height);
  },
};

onmessage = ({ data }) => HEARD[data.type](data);
postMessage({ type: "ready" }); // the page keeps its canvas until it knows that this worker runs
