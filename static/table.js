/** The dinner table: hands on plates, chairs, glasses and voices send what the sensors would send. */

import { Control } from "./control.js";
import { stayAwake } from "./awake.js";
import { holdStill, onPress } from "./device.js";
import { find } from "./elements.js";
import { showIn } from "./picture.js";
import { drawPlace, setGlow, setTouch } from "./place.js";
import { command, event, fetchInfo, previewSocket } from "./protocol.js";
import { Saying } from "./saying.js";
import { Script } from "./script.js";
import { Sensor, pressure, speech } from "./sensor.js";
import { called } from "./words.js";

const REFUSAL_MS = 5000;
const CHAIR_MEMORY_S = 4; // so long a chair believes the hand rather than the show, which follows slowly
const LIFT_PX = 110; // how far a finger draws a glass up to its full height

const seconds = () => performance.now() / 1000;

const link = new Control("table", receive, () => draw());
let state = null;
const items = [];

// --- what hands do to each item --------------------------------------------------------------------------------
// press(event), move(event), release() and live(now) move the sensor; `on` is the item's element.

const HANDS = {
  plate(on) {
    const sensor = new Sensor({ rise: 0.09 });
    const press = (touch) => {
      const box = on.querySelector(".rim").getBoundingClientRect();
      const away = Math.hypot(touch.clientX - box.x - box.width / 2, touch.clientY - box.y - box.height / 2);
      sensor.aim(pressure(away / (box.width / 2), touch));
    };
    return { sensor, press, move: press, release: () => sensor.aim(0) };
  },

  glass() {
    const sensor = new Sensor({ rise: 0.03, fall: 0.12 });
    let from = 0;
    return {
      sensor,
      press: (touch) => (from = touch.clientY + sensor.value * LIFT_PX),
      move: (touch) => sensor.aim((from - touch.clientY) / LIFT_PX),
      release: () => sensor.aim(0), // a glass that is let go is back on the table
    };
  },

  voice() {
    const sensor = new Sensor();
    let since = null;
    return {
      sensor,
      press: () => (since = seconds()),
      release: () => (since = null),
      live: (now) => sensor.aim(since === null ? 0 : speech(now - since)),
    };
  },

  chair() {
    const sensor = new Sensor();
    let taken = false;
    let touchedAt = -Infinity;
    return {
      sensor,
      press() {
        taken = !taken;
        touchedAt = seconds();
        sensor.aim(taken ? 1 : 0);
      },
      follow(value) {
        if (seconds() - touchedAt > CHAIR_MEMORY_S && sensor.value === 0) taken = value > 0.5; // taken elsewhere
      },
    };
  },
};

function setUp(on, seat) {
  const kind = on.dataset.item;
  const hand = HANDS[kind](on);
  let pointer = null;
  const release = () => {
    if (pointer === null) return;
    pointer = null;
    on.classList.remove("held");
    hand.release?.();
  };
  on.addEventListener("pointerdown", (touch) => {
    if (pointer !== null || touch.button !== 0) return;
    pointer = touch.pointerId;
    on.setPointerCapture(pointer);
    on.classList.add("held");
    document.body.classList.add(`knows-${kind}`); // its hint has done its work
    hand.press(touch);
  });
  on.addEventListener("pointermove", (touch) => touch.pointerId === pointer && hand.move?.(touch));
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    on.addEventListener(name, (touch) => touch.pointerId === pointer && release());
  }
  items.push({ ...hand, rest: hand.release, on, release, address: `/table/${kind}/${seat}`, control: `${kind}.${seat}` });
}

/** Once a screen refresh: sensors feel, and speak at their own pace. */
function live() {
  const now = seconds();
  for (const item of items) {
    item.live?.(now);
    const value = item.sensor.step(now);
    setTouch(item.on, item.sensor.value);
    if (value !== null && !link.send(event(item.address, [value]))) item.sensor.lost();
  }
  speakOn(now);
  requestAnimationFrame(live);
}

/** A page that is put away holds nothing, and says nothing. */
document.addEventListener("visibilitychange", () => {
  items.forEach((item) => item.release());
  fallSilent();
});

// --- what this page says for a guest ---------------------------------------------------------------------------

let saying = null; // {seat, line, words}: who speaks, in which line, and the rest of it
const voiceOf = (seat) => items.find((item) => item.control === `voice.${seat}`);

const script = new Script(
  (seat, text) => {
    if (!link.fresh) return say("Not connected: nothing was said.");
    fallSilent();
    saying = { seat, line: state.line.number, words: new Saying(text) };
    voiceOf(seat)?.press();
    draw();
  },
  (seat) => {
    const sent = link.send(event("/play-finished", [seat]));
    if (!sent) say("Not connected: nobody was told that it was heard.");
    return sent;
  },
);

function speakOn(now) {
  const heard = saying?.words.step(now);
  if (!heard) return;
  const sent = link.send(event(heard.final ? "/speech" : "/mid-speech", [saying.seat, heard.text]));
  if (heard.final || !sent) fallSilent();
}

/** Somebody else has the word, or all of it is said. */
function fallSilent() {
  if (!saying) return;
  voiceOf(saying.seat)?.rest();
  saying = null;
  draw();
}

// --- the show --------------------------------------------------------------------------------------------------

function receive(message) {
  switch (message.type) {
    case "cues":
      return (document.title = `${message.title} · Table`);
    case "state":
      state = message;
      if (saying && saying.line !== state.line?.number) fallSilent();
      return draw();
    case "reply":
      return message.ok || say(message.reason);
    case "error":
      return say(message.reason);
  }
}

onPress(find("#go"), () => {
  if (!link.fresh || !state) return say("Not connected: GO was not sent.");
  if (!state.standby) return say("The show is at its end. The operator's page can stand a cue by.");
  link.send(command("go", { standby: state.standby.number }));
});

let sayTimer = 0;
function say(sentence) {
  find("#say").textContent = sentence;
  find("#say").hidden = false;
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => (find("#say").hidden = true), REFUSAL_MS);
}

const NOTHING_ASKED = { line: null, next_line: null, ears: [] };

/** What there is to do while the script asks for nothing. */
function invitation({ mode, current, standby, running }) {
  if (mode === "held") return "The show is held. The operator's page lets it go on.";
  if (mode === "panic") return "All is calm. The operator's page returns to the show.";
  if (!current) return "Press GO, and dinner begins.";
  if (standby && !running.some((run) => run.number === current.number)) return "Press GO when you are ready to go on.";
  return "Press a plate, lift a glass, take a seat, hold to speak.";
}

const GO_WORDS = { running: "GO", held: "HELD", panic: "PANIC" };

function draw() {
  const fresh = link.fresh && state !== null;
  document.body.classList.toggle("offline", !fresh);
  find("#go b").textContent = fresh ? GO_WORDS[state.mode] : "NOT CONNECTED";
  find("#go span").textContent = fresh ? (state.standby ? called(state.standby) : "the end") : "";
  if (state) {
    find("#cue").textContent = state.current ? called(state.current) : "Before the first cue";
    find("#invitation").textContent = invitation(state);
    script.draw(fresh ? state : NOTHING_ASKED, saying !== null);
  }
  for (const item of items) {
    const value = (fresh && state.controls[item.control]) || 0;
    setGlow(item.on, value);
    item.follow?.(value);
  }
}

// --- laying the table ------------------------------------------------------------------------------------------

holdStill();
stayAwake();
const { seats, projectors } = await fetchInfo();
for (const seat of seats) {
  const place = drawPlace(seat);
  find("#places").append(place);
  place.querySelectorAll(".item").forEach((on) => setUp(on, seat));
}
draw();
live();
showIn(find("#wall canvas"), previewSocket(projectors[0].name), { fit: "cover", focus: 0.4 });
