/** The wire of the monitor: news come down, and what the crew asks for is answered. */

import { Link } from "./link.js";
import { controlSocket } from "./protocol.js";

const ANSWER_MS = 15000; // a busy machine thinks for a while; that a line is dead is said elsewhere, and sooner

export class Wire {
  #link;
  #waiting = new Map(); // id -> {done, fail, timer}
  #last = 0;

  /** news(message) gets all that is new; change(fresh) is told when the connection comes and goes. */
  constructor(news, change) {
    this.#link = new Link(controlSocket("monitor"), (data) => this.#receive(JSON.parse(data), news), change);
  }

  get fresh() {
    return this.#link.fresh;
  }

  /** Asks for something -> its answer. Throws an Error with the reason where it was refused or not sent. */
  ask(name, fields = {}) {
    return new Promise((done, fail) => {
      const id = `m${++this.#last}`;
      if (!this.#link.send({ type: "do", id, name, ...fields })) return fail(new Error("Not connected: nothing was changed."));
      const timer = setTimeout(() => this.#answer({ id, ok: false, reason: "No answer. Look at what is shown before you try again." }), ANSWER_MS);
      this.#waiting.set(id, { done, fail, timer });
    });
  }

  #receive(message, news) {
    if (message.type === "reply") this.#answer(message);
    else if (message.type === "news") news(message);
  }

  #answer(reply) {
    const { done, fail, timer } = this.#waiting.get(reply.id) ?? {};
    clearTimeout(timer);
    this.#waiting.delete(reply.id);
    if (reply.ok) done?.(reply);
    else fail?.(new Error(reply.reason));
  }
}
