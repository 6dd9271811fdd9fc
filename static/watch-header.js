/** The head of the page: which run it is, how it is, how long it will take, and what is wrong with it. */

import { find, icon, make, say } from "./watch-elements.js";
import { stateOf, timeLeft } from "./watch-run.js";

export function drawHeader({ name, log, target, age }) {
  const state = stateOf(log, target, age);
  say(find("h1"), name);
  say(find("#left"), timeLeft(log, target));
  drawWords(log.at(-1)?.words ?? []);
  drawState(state);
  document.title = `${state.word} · ${name} · Marrow`;
}

/** The run cannot be heard: all else stays as it was. */
export const drawUnheard = () => drawState({ shape: "cross", word: "Not connected", text: "what is shown is the last that came" });

function drawState({ shape, word, text }) {
  find("#state .shape").dataset.shape = shape;
  say(find("#state b"), word);
  say(find("#state span"), text);
}

function drawWords(words) {
  const list = find("#words");
  const key = JSON.stringify(words);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.hidden = !words.length;
  list.replaceChildren(...words.map((text) => make("li", {}, icon("triangle"), make("span", {}, text))));
}
