/** The front page: what is running, the pages, and the addresses for OSC with examples to copy. */

import { find, make } from "./elements.js";
import { showIn } from "./picture.js";
import { fetchInfo, fetchState, previewSocket } from "./protocol.js";
import { called, pictureFigures, pictureState } from "./words.js";

const LOOK_MS = 1000;
const COPIED_MS = 1600;

// --- what is running -------------------------------------------------------------------------------------------

function drawState({ renderer, current }) {
  drawPicture(pictureState(renderer), pictureFigures(renderer.fps, renderer.frame_age));
  find("#cue").textContent = current ? `On stage: ${called(current)}` : "On stage: the safe look, before the first cue";
}

function drawPicture({ shape, text }, figures) {
  find("#renderer .shape").dataset.shape = shape;
  find("#renderer span").textContent = text;
  find("#figures").textContent = figures;
}

const drawOffline = () => drawPicture({ shape: "cross", text: "not connected" }, "");
const look = () => fetchState().then(drawState, drawOffline);
look();
setInterval(look, LOOK_MS);

// --- where to go -----------------------------------------------------------------------------------------------

const tile = (href, name, words) => Object.assign(make("a", "", make("b", "", name), make("span", "soft", words)), { href });

function drawPages({ projectors }) {
  find("#pages").append(
    tile("/table", "Table", "Sit down and play: the four seats, on this screen."),
    tile("/operator", "Operator", "Run the show: cues, GO, panic, master."),
    tile("/editor", "Editor", "Before doors: write, order and tune the cues; see what has changed; save."),
    tile("/monitor", "Monitor", "Messages in and out; sensors learned, tried and bypassed."),
    tile("/health", "Health", "Is all well, and if not, what to do."),
    ...projectors.map(({ name, page }) => tile(page, `Projector ${name}`, "For the wall. Double tap or F fills the screen.")),
  );
  for (const { name, mjpeg, frame } of projectors) {
    const links = [mjpeg, frame].map((href) => Object.assign(make("a", "", make("code", "", href)), { href }));
    find("#streams").append(make("li", "", ...(projectors.length > 1 ? [`${name}: `] : []), ...links));
  }
}

// --- how to speak to it ----------------------------------------------------------------------------------------

/** Arguments of the addresses that are always there; a sensor's value is a float. */
const ARGUMENTS = {
  "/show/go": "", "/show/back": "", "/show/hold": "", "/show/resume": "", "/show/panic": "", "/show/blackout": "",
  "/show/take": "", "/show/skip": "", "/show/stop": "", "/show/reset": "", "/show/commit": "", "/show/revert": "",
  "/show/master": "f 0.5", "/show/standby": "s 1", "/show/goto": "s 1", "/show/fire": "s 1", "/cue/{number}/go": "", "/show/preload": "s main",
  "/show/desk": "s rehearsal", "/show/note": "s 'they laughed here'", "/show/edit": "sss 1 name Hall",
  "/speech": "ss {seat} 'pass the salt'", "/mid-speech": "ss {seat} 'pass the'", "/play-finished": "s {seat}",
}; // prettier-ignore

function example(address, { osc, seats }) {
  const known = { seat: seats[0], number: "1", name: `plate.${seats[0]}` };
  const fill = (words) => words.replace(/\{(\w+)\}/g, (_, name) => known[name] ?? "1");
  const host = ["0.0.0.0", "::"].includes(osc.host) ? location.hostname : osc.host;
  return ["oscsend", host, osc.port, fill(address), fill(ARGUMENTS[address] ?? "f 0.8")].filter((part) => part !== "").join(" ");
}

/** Only a secure context may copy; elsewhere the line is selected, ready for the keyboard. */
async function copy(code, button) {
  if (navigator.clipboard) await navigator.clipboard.writeText(code.textContent);
  else getSelection().selectAllChildren(code);
  button.textContent = navigator.clipboard ? "Copied" : "Ctrl + C";
  setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
}

function drawOsc(info) {
  find("#osc-address").textContent = `${info.osc.host} port ${info.osc.port}`;
  for (const address of info.osc.addresses) {
    const code = make("code", "", example(address, info));
    const button = make("button", "", "Copy");
    button.onclick = () => copy(code, button);
    const pattern = make("td", "soft", make("code", "", address));
    find("#osc").append(make("tr", "", pattern, make("td", "", code), make("td", "", button)));
  }
}

const info = await fetchInfo();
document.title = `${info.title} · Marrow`;
find("h1").textContent = info.title;
drawPages(info);
drawOsc(info);
showIn(find("#picture"), previewSocket(info.projectors[0].name));
