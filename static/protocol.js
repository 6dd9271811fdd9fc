/**
 * The wire, and the only module that knows it: addresses, the frame header, messages, and the server's clock.
 * Works in a page and in a worker. What is not understood throws a ProtocolError that says what was expected.
 */

import { DROP_MS, FIRST_WAIT_MS, longer } from "./link.js";

export class ProtocolError extends Error {}

const HEADER_BYTES = 30; // <4sIdIIHHBB, little endian
const MAGIC = 0x3157524d; // "MRW1" read as a little endian u32

/** A message from /ws/projector/{name}: ArrayBuffer -> header fields and the JPEG behind it (a view, not a copy). */
export function parseFrame(buffer) {
  if (buffer.byteLength < HEADER_BYTES) throw new ProtocolError(`frame of ${buffer.byteLength} bytes is shorter than its header`);
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== MAGIC) throw new ProtocolError("frame does not begin with MRW1");
  const body = HEADER_BYTES + view.getUint8(29);
  if (buffer.byteLength <= body) throw new ProtocolError("frame has no picture");
  return {
    seq: view.getUint32(4, true),
    pts: view.getFloat64(8, true), // seconds, the server's monotonic clock
    event: view.getUint32(16, true),
    epoch: view.getUint32(20, true),
    width: view.getUint16(24, true),
    height: view.getUint16(26, true),
    stream: view.getUint8(28),
    cue: new TextDecoder().decode(new Uint8Array(buffer, HEADER_BYTES, body - HEADER_BYTES)),
    jpeg: new Uint8Array(buffer, body),
  };
}

/** Whether words on a socket of frames say that the show is there, and has no new frame. */
export const isAlive = (data) => JSON.parse(data).type === "alive";

// --- what the messages must hold -------------------------------------------------------------------------------

const text = (v) => typeof v === "string";
const number = (v) => typeof v === "number" && Number.isFinite(v);
const flag = (v) => typeof v === "boolean";
const maybe = (rule) => (v) => v === null || rule(v);
const perhaps = (rule) => (v) => v === undefined || rule(v); // not told by every server
const oneOf = (...words) => (v) => words.includes(v);
const list = (rule) => (v) => Array.isArray(v) && v.every((item, i) => rule(item, i));
const table = (rule) => (v) => typeof v === "object" && v !== null && Object.values(v).every((item) => rule(item));
const numbers = table(number);

/** A rule for an object with these fields; it throws with the path of the first field that is wrong. */
const shape = (fields, path = "") => (value) => {
  if (typeof value !== "object" || value === null) throw new ProtocolError(`${path || "message"} is not an object`);
  for (const [name, rule] of Object.entries(fields)) {
    if (!rule(value[name])) throw new ProtocolError(`${path}${name} is ${JSON.stringify(value[name])}`);
  }
  return true;
};

const CUE = { number: text, name: text, notes: text };
const LINE = { number: text, speaker: text, text, open: flag, progress: number, said: number, words: number };
const RUN = { number: text, name: text, kind: text, phase: oneOf("waiting", "acting", "after"), remaining: maybe(number), progress: maybe(number) };
const NETWORK = { state: oneOf("loading", "ready", "failed"), note: text, fraction: number };
const MEMBER = { client: text, name: text, role: text, address: text, delay_ms: maybe(number) };
const PART = { ...CUE, kind: text, who: perhaps(list(text)), words: perhaps(text), cues: (v) => list(shape(PART, "cues[].cues[]."))(v) };
const LISTED = { ...PART, network: text, fade: number, follow: (v) => oneOf("manual", "continue", "done")(v) || number(v) };

const MESSAGES = {
  state: shape({
    now: number, // seconds, the server's monotonic clock
    mode: oneOf("running", "held", "panic"),
    current: maybe(shape(CUE, "current.")),
    standby: maybe(shape(CUE, "standby.")),
    pending: maybe(shape({ number: text, remaining: number }, "pending.")),
    fade: maybe(shape({ remaining: number, duration: number }, "fade.")),
    blackout: flag,
    master: number,
    controls: numbers,
    refused: maybe(shape({ serial: number, command: text, reason: text }, "refused.")),
    failed: maybe(shape({ serial: number, number: text, reason: text }, "failed.")),
    desk: oneOf("edit", "rehearsal", "show"),
    running: list(shape(RUN, "running[].")),
    line: maybe(shape(LINE, "line.")),
    next_line: maybe(shape(LINE, "next_line.")),
    ears: list(shape({ role: text, file: text, text }, "ears[].")),
    armed_at: perhaps(maybe(number)), // on the clock of "now": when a GO is no longer too soon
    look: perhaps(shape({ cue: text, parts: numbers, fades: numbers, changed: flag }, "look.")), // what is on stage
    restored: perhaps(maybe(shape({ at: text, seconds_lost: number, why: text }, "restored."))),
    draft: perhaps(flag),
    digest: perhaps(text), // of the show file that is played
    journal: perhaps(shape({ ok: flag, words: text }, "journal.")),
    warnings: perhaps(list(text)), // what is bypassed, or played from a recording
    renderer: shape(
      {
        state: oneOf("starting", "running", "restarting", "failed"),
        note: text,
        progress: number, // 0 to 1, of a start
        fps: number,
        frame_age: maybe(number), // seconds
        restarts: number,
        networks: table(shape(NETWORK, "renderer.networks[].")),
      },
      "renderer.",
    ),
    troubles: table(text), // cue number -> why its network cannot be played
    clients: numbers,
    crew: perhaps(list(shape(MEMBER, "crew[]."))), // who has an operator's or a table's page open
    baton: perhaps(maybe(shape({ client: text, name: text }, "baton."))), // null: everybody may command
    serial: perhaps(number), // only over a socket
  }),
  patch: shape({ serial: number, now: number, set: table(() => true) }),
  cues: shape({ title: text, cues: list(shape(LISTED, "cues[].")) }),
  reply: shape({ id: text, ok: flag, reason: text }),
  error: shape({ reason: text }),
};

let ahead = NaN; // seconds from this page's clock to the server's, by the newest state

/** A message from /ws/operator or /ws/table: JSON text -> {type: "state" | "patch" | "cues" | "reply" | "error", ...}. */
export function parseMessage(data) {
  if (typeof data !== "string") throw new ProtocolError("expected a text message, got binary");
  const message = JSON.parse(data);
  if (!Object.hasOwn(MESSAGES, message?.type)) throw new ProtocolError(`unknown message type ${JSON.stringify(message?.type)}`);
  MESSAGES[message.type](message);
  if ("now" in message) ahead = message.now - performance.now() / 1000;
  return message;
}

/** The state after a patch: whole values of its top-level keys are set anew. */
export function merged(state, { serial, now, set }) {
  const whole = { ...state, ...set, serial, now };
  MESSAGES.state(whole);
  return whole;
}

// --- what the pages say ----------------------------------------------------------------------------------------

/** 16 hexadecimal digits. Works over plain http, where randomUUID is not to be had. */
export const random = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const load = random(); // a reload counts from one again
let lastId = 0;

/**
 * e.g. command("go", { standby: "3" }). The id comes back in the reply, and what is sent again by the same id is done
 * once. `at` is this moment on the server's clock, by which it refuses what a network has held back; before the first
 * state there is none.
 */
export function command(name, fields = {}) {
  const at = Number.isNaN(ahead) ? {} : { at: performance.now() / 1000 + ahead };
  return { ...fields, ...at, type: "command", id: `${load}-${++lastId}`, name };
}

/** What a sensor would send, e.g. event("/table/plate/mom", [0.4]). It asks for no reply. */
export const event = (address, args) => ({ type: "event", address, args });

/** The first word of a page: who it is. The name may be "". */
export const hello = (client, name) => ({ type: "hello", client, name });

/** Tells the server which state this page shows. */
export const seen = (serial) => ({ type: "seen", serial });

/** Asks for a whole state: a patch is missing. */
export const resync = () => ({ type: "resync" });

/** Tells the server that this frame is off the wire, so that it may send the next one. */
export const ack = (seq) => ({ type: "ack", seq });

// --- where -----------------------------------------------------------------------------------------------------

const socketUrl = (path) => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
/** Frames of a projector, for a page that is its wall. */
export const projectorSocket = (name) => socketUrl(`/ws/projector/${encodeURIComponent(name)}`);
/** The same, for a page that shows them beside something else. */
export const previewSocket = (name) => socketUrl(`/ws/preview/${encodeURIComponent(name)}`);
export const controlSocket = (page) => socketUrl(`/ws/${page}`);

/** The name in /projector/{name}. */
export const projectorName = (path) => decodeURIComponent(path.split("/").filter(Boolean).at(-1));

async function get(path) {
  const response = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(DROP_MS) });
  if (!response.ok) throw new ProtocolError(`${path} answered ${response.status}`);
  return response.text();
}

/** The state as it is now, as a control socket would send it. */
export const fetchState = async () => parseMessage(await get("/api/state"));

/** The show file as the editor sees it: text, tables, draft, diff, scenes, choices. */
export const fetchShow = async () => JSON.parse(await get("/api/show"));

/** What is installed here: title, projectors, OSC addresses and ports. Asks until it is told. */
export async function fetchInfo() {
  for (let wait = FIRST_WAIT_MS; ; wait = longer(wait)) {
    try {
      return JSON.parse(await get("/api/info"));
    } catch (error) {
      console.info(`asking again: ${error.message}`);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
