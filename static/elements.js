/** Elements of a page: found, and made in one breath. */

export const find = (selector) => document.querySelector(selector);

export const make = (tag, className = "", ...children) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
};
