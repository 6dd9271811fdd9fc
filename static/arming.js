/** Whether a GO is armed, by the machine's own rule: none so soon after another, nor after a cue that followed by itself. Pure. */

export const INTERVAL_S = 0.5; // the machine's; its "armed_at" can only make it later

/** All times are seconds on the page's clock. */
export class Arming {
  #until = -Infinity;

  /** A GO was sent at `now`: until its answer is there, nobody knows better than the rule. */
  pressed(now) {
    this.#until = now + INTERVAL_S;
  }

  /** It did not go out, or was refused: the next press counts, unless the machine says otherwise. */
  refused() {
    this.#until = -Infinity;
  }

  /** The machine takes no GO for `rearm` seconds from `now`. */
  follow(rearm, now) {
    if (rearm > 0) this.#until = Math.max(this.#until, now + rearm);
  }

  /** How much of the ring is closed: 1 is armed. */
  closed(now) {
    return Math.min(1, Math.max(0, 1 - (this.#until - now) / INTERVAL_S));
  }

  armed(now) {
    return now >= this.#until;
  }
}
