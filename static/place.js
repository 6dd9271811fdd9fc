/** One place at the table, seen from above, as SVG: chair, plate, glass, voice and cutlery. 300 x 360 units. */

const DRAWING = `
<svg viewBox="0 0 300 360" class="place">
  <ellipse class="spot" cx="150" cy="180" rx="165" ry="185"/>
  <g class="item chair" data-item="chair" role="button" aria-label="chair">
    <rect class="hit" x="76" y="284" width="148" height="74" rx="20"/>
    <g class="wood"><rect x="86" y="286" width="128" height="50" rx="14"/><rect x="92" y="338" width="116" height="15" rx="7.5"/></g>
    <rect class="cushion" x="98" y="290" width="104" height="42" rx="12"/>
    <g class="guest"><ellipse class="shoulders" cx="150" cy="325" rx="64" ry="25"/><circle class="hair" cx="150" cy="315" r="25"/></g>
    <text x="150" y="317" class="hint">sit</text>
  </g>
  <rect class="mat" x="20" y="104" width="260" height="168" rx="14"/>
  <g class="cutlery">
    <path d="M42 128v30q0 9 5 12v72a4 4 0 0 0 8 0v-72q5-3 5-12v-30M48 128v30M54 128v30" />
    <path d="M252 126q-9 22-7 62l5 2v52a4 4 0 0 0 8 0v-114q-1-4-6-2z"/>
  </g>
  <g class="item plate" data-item="plate" role="button" aria-label="plate">
    <circle class="shade" cx="155" cy="197" r="80"/>
    <g class="body">
      <circle class="rim" cx="150" cy="188" r="80"/>
      <circle class="line" cx="150" cy="188" r="73"/>
      <circle class="well" cx="150" cy="188" r="54"/>
      <path class="shine" d="M90 150a72 72 0 0 1 62 -33"/>
      <circle class="glow" cx="150" cy="188" r="79"/>
    </g>
    <circle class="gauge" cx="150" cy="188" r="77" pathLength="1"/>
    <text x="150" y="193" class="hint">press</text>
  </g>
  <g class="item voice" data-item="voice" role="button" aria-label="voice">
    <circle class="hit" cx="56" cy="56" r="42"/>
    <circle class="wave" cx="56" cy="56" r="30"/><circle class="wave" cx="56" cy="56" r="30"/>
    <circle class="shade" cx="59" cy="61" r="30"/>
    <g class="body"><circle class="ring" cx="56" cy="56" r="30"/><circle class="mesh" cx="56" cy="56" r="23"/><circle class="glow" cx="56" cy="56" r="30"/></g>
    <circle class="gauge" cx="56" cy="56" r="30" pathLength="1"/>
    <text x="56" y="61" class="hint">speak</text>
  </g>
  <text x="150" y="50" class="name"></text>
  <g class="item glass" data-item="glass" role="button" aria-label="glass">
    <circle class="hit" cx="244" cy="56" r="42"/>
    <circle class="shade" cx="247" cy="61" r="30"/>
    <g class="body">
      <circle class="bowl" cx="244" cy="56" r="31"/><circle class="wine" cx="244" cy="56" r="24"/>
      <path class="shine" d="M222 44a25 25 0 0 1 16 -13"/><circle class="glow" cx="244" cy="56" r="31"/>
    </g>
    <circle class="gauge" cx="244" cy="56" r="31" pathLength="1"/>
    <text x="244" y="61" class="hint">lift</text>
  </g>
</svg>`;

/** An element for one seat. */
export function drawPlace(seat) {
  const template = document.createElement("template");
  template.innerHTML = DRAWING.trim();
  const place = template.content.firstChild;
  place.dataset.seat = seat;
  place.querySelector(".name").textContent = seat;
  for (const item of place.querySelectorAll(".item")) {
    item.setAttribute("aria-label", `${seat}'s ${item.dataset.item}`);
    setGlow(item, 0);
    setTouch(item, 0);
  }
  return place;
}

/** What the show says of an item's control, 0 to 1. */
export const setGlow = (item, value) => item.style.setProperty("--glow", Math.min(1, Math.max(0, value)).toFixed(3));

/** What the hand on an item does, 0 to 1. */
export const setTouch = (item, value) => item.style.setProperty("--touch", value.toFixed(3));
