/** Who this page is: an id that it keeps over a reload, and a name that this device keeps for good. */

import { random } from "./protocol.js";

const CLIENT = "marrow.client";
const NAME = "marrow.name";

/** A browser may be told to keep nothing: then a reload is another page, and that is all. */
function kept(storage, key) {
  try {
    return globalThis[storage].getItem(key);
  } catch (error) {
    console.info(`${key} is not kept: ${error.message}`);
    return null;
  }
}

function keep(storage, key, value) {
  try {
    globalThis[storage].setItem(key, value);
  } catch (error) {
    console.info(`${key} is not kept: ${error.message}`);
  }
}

export const client = kept("sessionStorage", CLIENT) ?? random();
keep("sessionStorage", CLIENT, client);

let called = kept("localStorage", NAME) ?? "";

/** What the crew calls this device, e.g. "FOH tablet"; "" for what the server makes of its address. */
export const name = () => called;

export function rename(name) {
  called = name;
  keep("localStorage", NAME, name);
}
