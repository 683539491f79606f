/**
 * The clock: a rule of months with a mark wherever something begins or ends, and a hand that can be dragged. Every
 * answer on the page is for the instant at which it stands.
 *
 * @typedef {import("../playground.js").Playground} Playground
 */
import { html } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { DAY_MS, fromField, inWords, monthName, monthsBetween, toField } from "../instants.js";
import { icon } from "./glyphs.js";

const STEP_MS = DAY_MS / 4;

/** @param {Playground} app */
export function clock(app) {
  const { from, to } = app.span;
  const { boundaries } = app.policy;
  return html`<section class="clock" aria-label="The clock">
    <div class="reading">
      <label class="unseen" for="instant">The time, in UTC</label>
      <input
        id="instant"
        type="datetime-local"
        .value=${live(toField(app.at))}
        @change=${(/** @type {Event} */ event) => typed(app, event)}
      />
      <span class="zone">UTC</span>
    </div>
    <div class="rule">
      <div class="marks" aria-hidden="true">
        ${monthsBetween(from, to).map((month) => html`<span class="month" .style=${left(month, from, to)}>${monthName(month)}</span>`)}
        ${boundaries.map((ms) => html`<span class="boundary" .style=${left(ms, from, to)}></span>`)}
      </div>
      <input
        id="clock"
        type="range"
        aria-label="The time; every answer follows it"
        min=${from}
        max=${to}
        step=${STEP_MS}
        .value=${live(String(app.at))}
        aria-valuetext=${inWords(app.at)}
        @input=${(/** @type {Event} */ event) => app.setClock(Number(/** @type {HTMLInputElement} */ (event.target).value))}
      />
    </div>
    <div class="jumps">
      ${jump(
        app,
        "left",
        "Back to what began or ended last",
        boundaries.findLast((ms) => ms < app.at),
      )}
      ${jump(
        app,
        "right",
        "On to what begins or ends next",
        boundaries.find((ms) => ms > app.at),
      )}
    </div>
  </section>`;
}

/**
 * Where an instant lies between two others, as a style.
 * @param {number} ms
 * @param {number} from
 * @param {number} to
 */
export function left(ms, from, to) {
  return `--at: ${((ms - from) / (to - from)).toFixed(5)}`;
}

/**
 * @param {Playground} app
 * @param {"left" | "right"} direction
 * @param {string} label
 * @param {number | undefined} ms
 */
function jump(app, direction, label, ms) {
  return html`<button
    class="quiet"
    title=${label}
    aria-label=${label}
    ?disabled=${ms === undefined}
    @click=${() => app.setClock(ms ?? app.at)}
  >
    ${icon(direction)}
  </button>`;
}

/**
 * @param {Playground} app
 * @param {Event} event
 */
function typed(app, event) {
  const ms = fromField(/** @type {HTMLInputElement} */ (event.target).value);
  if (ms !== undefined) app.setClock(ms);
}
