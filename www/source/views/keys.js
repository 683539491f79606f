/**
 * The keyboard.
 *
 * @typedef {import("../playground.js").Playground} Playground
 */
import { html } from "lit-html";

/** @type {[string[], string][]} */
const LISTED = [
  [["↑", "↓", "←", "→"], "walk in the tree, open and close"],
  [["Home", "End"], "its first and last row"],
  [["1", "2", "3", "4"], "ask about that column’s privilege, in the tree"],
  [["A … Z"], "the next object whose name begins with the letter, in the tree"],
  [["/"], "find an object"],
  [["Ctrl ↵"], "apply the edits"],
  [["Ctrl Z", "Ctrl Y"], "undo, redo"],
  [["[", "]"], "back to what began or ended last, on to what comes next"],
  [["?"], "this list"],
];

export function keyList() {
  return html`<dialog id="keys" aria-labelledby="keys-title">
    <h2 id="keys-title">Keys</h2>
    <dl>
      ${LISTED.map(
        ([keys, what]) =>
          html`<div>
            <dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt>
            <dd>${what}</dd>
          </div>`,
      )}
    </dl>
    <form method="dialog"><button class="primary">Close</button></form>
  </dialog>`;
}

export function showKeys() {
  /** @type {HTMLDialogElement | null} */
  const dialog = document.querySelector("#keys");
  dialog?.showModal();
}

/** @param {Playground} app */
export function listenForKeys(app) {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const act =
      event.ctrlKey || event.metaKey ? chord(app, event) : isTyping(event) ? undefined : single(app, event.key);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/**
 * @param {Playground} app
 * @param {KeyboardEvent} event
 */
function chord(app, event) {
  if (event.key === "Enter") return () => app.applyEdits();
  if (isTyping(event)) return undefined;
  if (event.key === "y" || (event.key === "Z" && event.shiftKey)) return () => app.redo();
  return event.key === "z" ? () => app.undo() : undefined;
}

/**
 * @param {Playground} app
 * @param {string} key
 */
function single(app, key) {
  const { boundaries } = app.policy;
  switch (key) {
    case "?":
      return showKeys;
    case "/":
      return () => /** @type {HTMLElement | null} */ (document.querySelector("#find"))?.focus();
    case "[":
      return () => app.setClock(boundaries.findLast((ms) => ms < app.at) ?? app.at);
    case "]":
      return () => app.setClock(boundaries.find((ms) => ms > app.at) ?? app.at);
    default:
      return undefined;
  }
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  const field = event.target instanceof HTMLElement ? event.target.closest("input, textarea, select") : null;
  return field !== null && !["radio", "checkbox", "range"].includes(/** @type {HTMLInputElement} */ (field).type);
}
