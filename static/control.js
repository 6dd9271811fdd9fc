/** A page's line to the show: whole states in, commands out. It heals gaps, and sends nothing late and nothing twice. */

import { client, name, rename } from "./client.js";
import { Link } from "./link.js";
import { controlSocket, hello, merged, parseMessage, resync, seen } from "./protocol.js";

const SEEN_MS = 1000; // between two words of what this page has seen
const ASK_MS = 1000; // before it asks again for what it has missed
const RESEND_MS = 1000; // after which a command is no longer what was meant

/**
 * receive(message, first) gets {type: "state" | "cues" | "reply" | "error", ...}, states always whole; `first` is true
 * for the first state of each connection. change(fresh) is told when the link turns fresh or stale. `page` is "operator", "editor" or "table".
 */
export class Control {
  #link;
  #receive;
  #state = null;
  #seenAt = -Infinity;
  #askedAt = -Infinity;
  #unanswered = new Map(); // command id -> {message, at}

  constructor(page, receive, change = () => {}) {
    this.#receive = receive;
    this.#link = new Link(controlSocket(page), (data, answer) => this.#take(parseMessage(data), answer), change, { opened: (answer) => this.#greet(answer) });
  }

  /** This page, as the state's crew and baton name it. */
  get client() {
    return client;
  }

  get fresh() {
    return this.#link.fresh;
  }

  /** Sends now and returns true, or drops the message and returns false. */
  send(message) {
    const sent = this.#link.send(message);
    if (sent && message.type === "command") {
      this.#forgetOld();
      this.#unanswered.set(message.id, { message, at: performance.now() });
    }
    return sent;
  }

  /** What the crew is to call this device from now on. */
  rename(words) {
    rename(words);
    this.#link.send(hello(client, name()));
  }

  /** A new connection: what was sent a moment ago and not answered may be lost, or done; the id says it is the same. */
  #greet(answer) {
    this.#state = null;
    this.#seenAt = this.#askedAt = -Infinity;
    answer(hello(client, name()));
    this.#forgetOld();
    for (const { message } of this.#unanswered.values()) answer(message);
  }

  #forgetOld() {
    for (const [id, { at }] of this.#unanswered) if (performance.now() - at > RESEND_MS) this.#unanswered.delete(id);
  }

  #take(message, answer) {
    switch (message.type) {
      case "patch":
        if (message.serial !== this.#state?.serial + 1) return this.#ask(answer);
        return this.#hold(merged(this.#state, message), answer);
      case "state":
        return this.#hold(message, answer);
      case "reply":
        this.#unanswered.delete(message.id);
    }
    this.#receive(message);
  }

  #hold(state, answer) {
    const first = this.#state === null;
    this.#state = state;
    this.#askedAt = -Infinity;
    if (performance.now() - this.#seenAt >= SEEN_MS) {
      this.#seenAt = performance.now();
      answer(seen(state.serial));
    }
    this.#receive(state, first);
  }

  #ask(answer) {
    if (performance.now() - this.#askedAt < ASK_MS) return;
    this.#askedAt = performance.now();
    answer(resync());
  }
}
