/** Frames on a canvas: newest only, decoded off the drawing path, scaled to fit, the last one kept. Page or worker. */

import { Link } from "./link.js";
import { ack, isAlive, parseFrame } from "./protocol.js";

/**
 * A canvas that shows the newest bitmap. `fit` is "contain" (all of it, black around) or "cover" (no black around;
 * `focus` is the height in the picture, 0 top to 1 bottom, that stays in view).
 */
export class Picture {
  #canvas;
  #context;
  #fit;
  #focus;
  #bitmap = null;
  #asked = false;

  constructor(canvas, { fit = "contain", focus = 0.5 } = {}) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false });
    this.#fit = fit === "cover" ? Math.max : Math.min;
    this.#focus = focus;
  }

  /** Takes the bitmap over and draws it with the next screen refresh, unless a newer one comes first. */
  show(bitmap) {
    this.#bitmap?.close();
    this.#bitmap = bitmap;
    this.#ask();
  }

  /** width, height: device pixels. */
  resize(width, height) {
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#draw(); // setting a size clears the canvas: no black flash
  }

  #ask() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #draw() {
    const { width, height } = this.#canvas;
    const bitmap = this.#bitmap;
    if (!bitmap) return;
    const scale = this.#fit(width / bitmap.width, height / bitmap.height);
    const w = Math.round(bitmap.width * scale);
    const h = Math.round(bitmap.height * scale);
    this.#context.imageSmoothingQuality = "high"; // a change of size resets it
    this.#context.drawImage(bitmap, Math.round((width - w) / 2), Math.round((height - h) * this.#focus), w, h);
  }
}

/**
 * Receives frames from an address into a picture for ever. One frame is decoded at a time; of those that come
 * meanwhile only the newest waits. A frame is acknowledged once it is decoded, and with it all before it, so the
 * server keeps pace with this screen. Words from the server are logged and counted; the picture goes on.
 * change(fresh) is told when new frames stop and when they come again: one that was shown already is not new.
 */
export function receiveInto(picture, address, change = () => {}) {
  let decoding = false;
  let waiting = null;
  let words = 0;
  let newest = null; // seq

  const decode = async (frame, answer) => {
    decoding = true;
    try {
      picture.show(await createImageBitmap(new Blob([frame.jpeg], { type: "image/jpeg" })));
    } catch (error) {
      console.error(`frame ${frame.seq} cannot be decoded: ${error.message}`); // the last good one stays
    } finally {
      decoding = false;
      answer(ack(frame.seq));
    }
    if (waiting) {
      const next = waiting;
      waiting = null;
      decode(...next);
    }
  };

  const isNews = (data) => typeof data !== "string" && parseFrame(data).seq !== newest;
  const receive = (data, answer) => {
    if (typeof data === "string") return isAlive(data) || console.warn(`the server complains, ${++words} so far: ${data}`);
    const frame = parseFrame(data);
    newest = frame.seq;
    if (decoding) waiting = [frame, answer];
    else decode(frame, answer);
  };
  new Link(address, receive, change, { isNews });
}

/** Calls resize(width, height), in device pixels, now and whenever the element's size changes. */
export function watchSize(element, resize) {
  new ResizeObserver(() => {
    const box = element.getBoundingClientRect();
    resize(Math.round(box.width * devicePixelRatio), Math.round(box.height * devicePixelRatio));
  }).observe(element);
}

/** A picture in this page, on this canvas, following its size. */
export function showIn(canvas, address, options, change) {
  const picture = new Picture(canvas, options);
  watchSize(canvas, (width, height) => picture.resize(width, height));
  receiveInto(picture, address, change);
}
