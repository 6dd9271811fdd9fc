/** What a sensor under a hand feels, and when it speaks. Pure: `now` is an argument, in seconds. */

const SHORTEST_S = 1 / 30; // between two messages
const LONGEST_S = 0.3; // while it feels something; a sensor that is silent for longer counts as dead
const NOTICEABLE = 0.01;

/** A value from 0 to 1 that follows what it is aimed at; rise and fall are time constants in seconds, 0 = at once. */
export class Sensor {
  value = 0;
  #target = 0;
  #rise;
  #fall;
  #at = 0;
  #sent = 0;
  #sentAt = 0;

  constructor({ rise = 0, fall = 0 } = {}) {
    this.#rise = rise;
    this.#fall = fall;
  }

  aim(target) {
    this.#target = Math.min(1, Math.max(0, target));
  }

  /** Moves on to `now`. Returns the value to send, or null. */
  step(now) {
    const tau = this.#target > this.value ? this.#rise : this.#fall;
    const rest = tau ? (this.value - this.#target) * Math.exp((this.#at - now) / tau) : 0;
    this.value = Math.abs(rest) < NOTICEABLE ? this.#target : this.#target + rest;
    this.#at = now;

    const settled = this.value === this.#target && this.value !== this.#sent;
    const changed = settled || Math.abs(this.value - this.#sent) > NOTICEABLE;
    const pause = changed ? SHORTEST_S : this.value > 0 ? LONGEST_S : Infinity;
    if (now - this.#sentAt < pause) return null;
    this.#sent = this.value;
    this.#sentAt = now;
    return this.value;
  }

  /** What step() gave could not be sent: whatever it feels by then is news. */
  lost() {
    this.#sent = NaN;
  }
}

/** How loud somebody is who has been speaking for `t` seconds: syllables, words and breath. 0 to 1. */
export function speech(t) {
  const syllables = 0.5 + 0.5 * Math.sin(2 * Math.PI * 3.7 * t + 1.3 * Math.sin(2 * Math.PI * 0.9 * t));
  const phrase = 0.75 + 0.25 * Math.sin(2 * Math.PI * 0.31 * t + 1);
  return Math.min(1, t / 0.08) * phrase * (0.35 + 0.65 * syllables);
}

/** How hard a hand presses at `distance` from the middle of a plate (0 middle, 1 rim), with the device's own word. */
export function pressure(distance, { pointerType, pressure: measured }) {
  const place = 1 - 0.6 * Math.min(1, distance);
  return pointerType === "pen" ? place * measured : place; // fingers and mice report a constant
}
