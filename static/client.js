/** Who this page is: an id that it keeps over a reload, and a name that this device keeps for good. */

import { random } from "./protocol.js";
import { keep, kept } from "./storage.js";

const CLIENT = "marrow.client";
const NAME = "marrow.name";

export const client = kept("sessionStorage", CLIENT) ?? random();
keep("sessionStorage", CLIENT, client);

let called = kept("localStorage", NAME) ?? "";

/** What the crew calls this device, e.g. "FOH tablet"; "" for what the server makes of its address. */
export const name = () => called;

export function rename(name) {
  called = name;
  keep("localStorage", NAME, name);
}
