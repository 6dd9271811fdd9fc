/** Elements of the pages of a run, of the monitor and of health: found, made, and given their words. */

export const find = (selector) => document.querySelector(selector);

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A state by its shape: "disc", "triangle" ... as in marrow.css, or "diamond", the best. */
export function icon(shape) {
  const element = make("i", { className: "shape" });
  element.dataset.shape = shape;
  return element;
}

/** Sets a text only where it is another: what a reader has selected stays so, and nothing blinks. */
export const say = (element, text) => element.textContent === text || (element.textContent = text);
