/** What a browser keeps for a page. It may be told to keep nothing: then a reload has forgotten it, and that is all. */

/** `storage` is "sessionStorage" or "localStorage". The text that was kept, or null. */
export function kept(storage, key) {
  try {
    return globalThis[storage].getItem(key);
  } catch (error) {
    console.info(`${key} is not kept: ${error.message}`);
    return null;
  }
}

export function keep(storage, key, value) {
  try {
    globalThis[storage].setItem(key, value);
  } catch (error) {
    console.info(`${key} is not kept: ${error.message}`);
  }
}
