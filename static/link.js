/** A WebSocket that comes back by itself, knows when it has gone stale, and never sends anything late. */

const FRESH_MS = 1500; // without news for longer than this, nobody may believe the page
export const DROP_MS = 4000; // a server this silent is half gone: leave it and ask again
const CHECK_MS = 250;
export const FIRST_WAIT_MS = 250; // before another attempt
const LONGEST_WAIT_MS = 500; // whoever comes back from an hour away is right within a second
const PROBE_MS = 1000;

/** The wait after this one, in ms. */
export const longer = (wait) => Math.min(2 * wait, LONGEST_WAIT_MS);

/**
 * receive(data, answer) gets every message; change(fresh) is told when the link turns fresh or stale; opened(answer)
 * is called for every connection, before its first message. isNews(data) tells what is new from what only says that
 * the server is there: that keeps the connection, and does not make it fresh.
 * send() drops what cannot go out at once: nothing is kept for a later connection. answer(message) goes to the very
 * socket that brought the data, stale or not, and nowhere once that is closed.
 */
export class Link {
  #url;
  #receive;
  #change;
  #opened;
  #isNews;
  #socket = null;
  #heard = 0; // performance.now() of the last message, or of the attempt to connect
  #since = 0; // of the last news
  #fresh = false;
  #wait = FIRST_WAIT_MS;
  #retry = 0;
  #attempt = 0;

  constructor(url, receive, change = () => {}, { opened = () => {}, isNews = () => true } = {}) {
    this.#url = url;
    this.#receive = receive;
    this.#change = change;
    this.#opened = opened;
    this.#isNews = isNews;
    this.#open();
    setInterval(() => this.#check(), CHECK_MS);
    globalThis.addEventListener("online", () => this.#wake());
    globalThis.document?.addEventListener("visibilitychange", () => document.hidden || this.#wake());
  }

  get fresh() {
    return this.#fresh && performance.now() - this.#since <= FRESH_MS;
  }

  /** Sends now and returns true, or drops the message and returns false. */
  send(message) {
    if (!this.fresh || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** A page that somebody looks at again does not wait for its timers, which browsers slow down out of sight. */
  #wake() {
    if (this.#socket && performance.now() - this.#heard <= FRESH_MS) return;
    this.#wait = FIRST_WAIT_MS;
    if (this.#socket) this.#leave();
    clearTimeout(this.#retry);
    this.#seek();
  }

  /** Opens when anybody is there. Browsers hold a WebSocket back for seconds once several have failed, a fetch never. */
  async #seek() {
    const attempt = ++this.#attempt; // the newest alone may open
    try {
      await fetch(import.meta.url, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PROBE_MS) });
    } catch (error) {
      console.info(`nobody is there: ${error.message}`);
      return attempt === this.#attempt && this.#seekLater();
    }
    if (attempt === this.#attempt) this.#open();
  }

  #seekLater() {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#seek(), this.#wait);
    this.#wait = longer(this.#wait);
  }

  #open() {
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    const answer = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
    socket.onopen = () => this.#opened(answer);
    socket.onmessage = ({ data }) => {
      this.#heard = performance.now();
      this.#wait = FIRST_WAIT_MS;
      if (this.#isNews(data)) {
        this.#since = this.#heard;
        this.#turn(true);
      }
      this.#receive(data, answer);
    };
    socket.onclose = () => this.#leave();
    this.#socket = socket;
    this.#heard = performance.now();
  }

  /** Forgets the socket, whatever state it is in (a half-open one takes minutes to close), and tries again soon. */
  #leave() {
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
    this.#turn(false);
    this.#seekLater();
  }

  #check() {
    const now = performance.now();
    if (now - this.#since > FRESH_MS) this.#turn(false);
    if (this.#socket && now - this.#heard > DROP_MS) this.#leave();
  }

  #turn(fresh) {
    if (fresh === this.#fresh) return;
    this.#fresh = fresh;
    this.#change(fresh);
  }
}
