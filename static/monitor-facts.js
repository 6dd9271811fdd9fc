/** What the crew must know beside the messages: warnings, recordings, and what was lost. Drawn in place. */

import { find, icon, make, say } from "./watch-elements.js";

const LOST = {
  "osc.junk": "no OSC", "osc.ahead": "too far ahead of their time", "osc.outdated": "sent before a panic, goto or stop",
  "osc.superseded": "passed over for newer ones", "osc.unknown": "mean nothing", "osc.refused": "refused", "osc_out.failed": "not sent",
}; // prettier-ignore

/**
 * One item for each entry [key, value]. They are built anew only where the keys are others: what counts up meanwhile
 * is filled in, so that a press ends where it began and nothing is read out twice.
 */
function list(element, entries, build, fill) {
  const keys = JSON.stringify(entries.map(([key]) => key));
  if (element.dataset.keys !== keys) {
    element.dataset.keys = keys;
    element.replaceChildren(...entries.map(([key]) => build(key)));
  }
  entries.forEach(([, value], nth) => fill(element.children[nth], value));
}

export function drawWarnings({ bypassed, replay }) {
  const warnings = [
    ...bypassed.map((address) => [`BYPASSED: ${address} is ignored`, ""]),
    ...(replay ? [[`A RECORDING IS PLAYED: ${replay.name}`, `${replay.seconds} of ${replay.length} s`]] : []),
  ];
  const build = (text) => {
    const seconds = make("span", { className: "number" });
    seconds.setAttribute("aria-hidden", true); // an alert is read out whenever it changes
    return make("li", {}, icon("octagon"), text, seconds);
  };
  list(find("#warnings"), warnings, build, (item, seconds) => say(item.lastChild, seconds));
  find("#warnings").hidden = !warnings.length;
}

/** ask(name) plays a recording, ask("") stops the one that is played. */
export function drawTapes({ recordings, replay }, ask) {
  const build = (name) => make("li", {}, make("code", {}, name), make("button"));
  const fill = (item, { name, plays }) => {
    const word = plays ? "Stop" : "Play";
    const old = item.lastChild;
    if (old.textContent === word) return;
    const button = make("button", { onclick: () => ask(plays ? "" : name) }, word);
    button.setAttribute("aria-label", `${word} ${name}`);
    const focused = old === document.activeElement;
    old.replaceWith(button); // a press that began on the old one must not do the opposite
    if (focused) button.focus({ preventScroll: true });
  };
  list(find("#tapes ul"), recordings.map((name) => [name, { name, plays: replay?.name === name }]), build, fill);
}

export function drawLost(lost) {
  const build = (key) => make("li", {}, icon("triangle"), make("b", { className: "number" }), ` ${LOST[key]} `, make("small", { className: "soft" }));
  list(find("#lost"), Object.entries(lost), build, (item, [count, detail]) => {
    say(item.querySelector("b"), ` ${count}`);
    say(item.querySelector("small"), detail);
  });
}
