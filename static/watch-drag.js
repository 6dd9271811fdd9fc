/** A finger on something that shows time: a tap, or a move along it. Up and down still scrolls the page. */

const TAP_PX = 10;

/** down(x), move(x, dx) and tap(x, y): shares of the element's sides, dx since the finger came down. */
export function onDrag(element, { down = () => {}, move, tap = () => {} }) {
  let held = null; // {pointer, x, y, moved} in pixels
  const share = (event) => {
    const box = element.getBoundingClientRect();
    return [(event.clientX - box.x) / box.width, (event.clientY - box.y) / box.height, box.width];
  };
  element.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    held = { pointer: event.pointerId, x: event.clientX, y: event.clientY, moved: false };
    element.setPointerCapture(event.pointerId);
    down(share(event)[0]);
  });
  element.addEventListener("pointermove", (event) => {
    if (event.pointerId !== held?.pointer) return;
    held.moved ||= Math.hypot(event.clientX - held.x, event.clientY - held.y) > TAP_PX;
    const [x, , width] = share(event);
    if (held.moved) move(x, (event.clientX - held.x) / width);
  });
  element.addEventListener("pointerup", (event) => {
    if (event.pointerId !== held?.pointer) return;
    if (!held.moved) tap(...share(event));
    held = null;
  });
  element.addEventListener("pointercancel", () => (held = null));
}
