/** The keyboard: one key for each thing that is wanted without looking. Fields keep theirs. */

const FIELD = "input, textarea";
const ALWAYS = ["Escape", "?"]; // on a page that is locked, too

/**
 * acts: key -> {words, act}. Space is GO whatever is in focus; Escape leaves a field first. `locked()` says whether
 * the page only watches. Returns nothing; the list in #keys is written once.
 */
export function listen(acts, locked) {
  document.querySelector("#keys dl").replaceChildren(
    ...Object.entries(acts).flatMap(([key, { words }]) => {
      const name = document.createElement("dt");
      name.append(Object.assign(document.createElement("kbd"), { textContent: key === " " ? "Space" : key }));
      return [name, Object.assign(document.createElement("dd"), { textContent: words })];
    }),
  );
  addEventListener("keydown", (event) => {
    const { key, repeat, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches(FIELD)) return key === "Escape" ? target.blur() : undefined;
    const act = acts[key.length === 1 ? key.toLowerCase() : key]?.act;
    if (!act) return;
    event.preventDefault(); // the button in focus must not be pressed as well
    if (!repeat && (!locked() || ALWAYS.includes(key))) act();
  });
  addEventListener("keyup", (event) => event.key === " " && !event.target.matches(FIELD) && event.preventDefault());
}
