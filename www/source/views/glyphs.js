/**
 * The small drawings. What allows, denies, says nothing and closes the way differ by their shape, not by colour alone.
 */
import { html, svg } from "lit-html";

/**
 * @param {string} name the class by which it is coloured
 * @param {unknown} content
 */
function drawing(name, content) {
  return html`<svg class="glyph ${name}" viewBox="0 0 20 20" aria-hidden="true" focusable="false">${content}</svg>`;
}

const TICK = svg`<path class="stroke" d="M5.6 10.4 8.7 13.4 14.4 7" />`;
const CROSS = svg`<path class="stroke" d="M6.8 6.8 13.2 13.2 M13.2 6.8 6.8 13.2" />`;
const DISC = svg`<circle class="plate" cx="10" cy="10" r="8.2" />`;
const TILE = svg`<rect class="plate" x="2.4" y="2.4" width="15.2" height="15.2" rx="2.6" />`;
const BARS = svg`<path class="stroke" d="M4 3v14M8 3v14M12 3v14M16 3v14M2.5 7h15M2.5 12h15" />`;

/** An entry here allows. */
export const allowHere = drawing("allow here", svg`${DISC}${TICK}`);
/** An entry further up allows. */
export const allowAbove = drawing("allow above", svg`${DISC}${TICK}`);
/** An entry here denies. */
export const denyHere = drawing("deny here", svg`${TILE}${CROSS}`);
/** An entry further up denies. */
export const denyAbove = drawing("deny above", svg`${TILE}${CROSS}`);
/** Nothing says anything. */
export const silent = drawing("silent", svg`<path class="stroke" d="M6 10h8" />`);
/** Nothing says anything up to where the inheritance is broken. */
export const gate = drawing("gate", BARS);

/** The mark of the page: a gate half drawn up. */
export const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <path class="arch" d="M3 30V14a13 13 0 0 1 26 0v16h-4V14a9 9 0 0 0-18 0v16z" />
  <path class="bars" d="M11 8.5V22l-1.4 2.2M16 6v17l0 2.4M21 8.5V22l1.4 2.2M8 13h16M8 18.5h16" />
</svg>`;

/**
 * An icon for a button.
 * @param {"undo" | "redo" | "sun" | "link" | "menu" | "close" | "plus" | "left" | "right" | "twist" | "keys"} name
 */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <path d=${ICONS[name]} />
  </svg>`;
}

const ICONS = {
  undo: "M7.5 4 4 7.5 7.5 11M4 7.5h7.5a4.5 4.5 0 0 1 0 9H8",
  redo: "M12.5 4 16 7.5 12.5 11M16 7.5H8.5a4.5 4.5 0 0 0 0 9H12",
  sun: "M10 3.2a6.8 6.8 0 1 0 0 13.6zM10 3.2a6.8 6.8 0 0 1 0 13.6",
  link: "M8.5 11.5a3 3 0 0 0 4.3 0l2.7-2.7a3 3 0 0 0-4.3-4.3l-.9.9M11.5 8.5a3 3 0 0 0-4.3 0l-2.7 2.7a3 3 0 0 0 4.3 4.3l.9-.9",
  menu: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
  close: "M5.5 5.5 14.5 14.5M14.5 5.5 5.5 14.5",
  plus: "M10 4.5v11M4.5 10h11",
  left: "M12 5 7 10l5 5",
  right: "M8 5l5 5-5 5",
  twist: "M8 6l4 4-4 4",
  keys: "M2.5 5.5h15v9h-15zM6 8.5h.01M9 8.5h.01M12 8.5h.01M14.5 8.5h.01M6.5 12h7",
};
