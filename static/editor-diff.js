/** What a draft changes, in words and line by line: gone and come by sign and word as well as by colour. */

import { make } from "./elements.js";

const SIGNS = { "-": "gone", "+": "new", " ": "", "@": "" };

export function drawDiff(dialog, { words, lines }) {
  const sentences = words.length ? words : ["Only comments or spacing."];
  dialog.querySelector(".sentences").replaceChildren(...sentences.map((sentence) => make("li", "", sentence)));
  dialog.querySelector(".lines").replaceChildren(...lines.map(drawLine));
}

function drawLine({ mark, old, new: now, text }) {
  const line = make("li");
  line.dataset.mark = mark;
  if (mark === "@") line.append(make("span", "soft", "⋯"));
  else line.append(make("span", "number soft", String(now ?? old)), make("b", "", SIGNS[mark]), make("code", "", `${mark === " " ? " " : mark} ${text}`));
  return line;
}
