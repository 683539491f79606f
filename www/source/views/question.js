/**
 * The question as a sentence, and its answer: what the whole page is about.
 *
 * @typedef {import("../playground.js").Playground} Playground
 */
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { briefly } from "../instants.js";
import { inWords, typeInWords } from "../principals.js";
import { gate, allowHere, denyHere, silent } from "./glyphs.js";
import { pathInWords, reasonInWords, whoInWords } from "./words.js";

/** @param {Playground} app */
export function question(app) {
  const { who, privilege } = app.question;
  const { path } = app.question;
  const decision = app.engine.decide(/** @type {any} */ (who), privilege, path);
  return html`<section class="question" aria-label="The question and its answer">
    <p class="sentence">
      <span>May</span> ${principalPicker(app)} ${privilegePicker(app)}
      <button class="object" title="Choose it in the tree" @click=${focusTree}>${pathInWords(app.policy, path)}</button
      ><span>?</span>
    </p>
    <p class="verdict ${decision.decision}" role="status" id="verdict">
      ${verdictGlyph(decision.reason.code)}
      <strong>${decision.allowed ? "Yes" : "No"}</strong>
      <span class="why"
        >${reasonInWords(app.policy, decision)}
        ${decision.validUntil ? html`<span class="until">Valid until ${briefly(decision.validUntil.getTime())}.</span>` : nothing}</span
      >
      <span class="unseen">${whoInWords(who)}, ${inWords(privilege)}, ${pathInWords(app.policy, path)}</span>
    </p>
  </section>`;
}

/**
 * The picture of a decision.
 * @param {string} code
 */
export function verdictGlyph(code) {
  if (code === "EntryAllows" || code === "Admin") return allowHere;
  if (code === "EntryDenies") return denyHere;
  return code === "InheritanceBroken" ? gate : silent;
}

/** @param {Playground} app */
function principalPicker(app) {
  const isListed = app.policy.principals.some((each) => each.id === app.question.who);
  const types = [...new Set(app.policy.principals.map((each) => each.type))];
  const choose = (/** @type {Event} */ event) => app.ask({ who: valueOf(event) });
  return html`<select class="pick" aria-label="Who" id="who" .value=${live(app.question.who)} @change=${choose}>
    ${isListed ? nothing : html`<option value=${app.question.who} selected>${whoInWords(app.question.who)} (unregistered)</option>`}
    ${types.map(
      (type) =>
        html`<optgroup label="${typeInWords(type)}s">
          ${app.policy.principals
            .filter((each) => each.type === type)
            .map(
              (each) =>
                html` <option value=${each.id} ?selected=${each.id === app.question.who}>
                  ${each.name}${each.registered || each.name.startsWith("project:") ? "" : " (unregistered)"}
                </option>`,
            )}
        </optgroup>`,
    )}
  </select>`;
}

/** @param {Playground} app */
function privilegePicker(app) {
  const choose = (/** @type {Event} */ event) => app.ask({ privilege: valueOf(event) });
  return html`<select
    class="pick"
    aria-label="Privilege"
    id="privilege"
    .value=${live(app.question.privilege)}
    @change=${choose}
  >
    ${app.policy.privileges.map(
      (privilege) =>
        html` <option value=${privilege} ?selected=${privilege === app.question.privilege}>
          ${inWords(privilege)}${privilege === "changePermissions" ? " of" : ""}
        </option>`,
    )}
  </select>`;
}

function focusTree() {
  /** @type {HTMLElement | null} */
  const row = document.querySelector("[role=treegrid] [tabindex='0']");
  row?.focus();
}

/** @param {Event} event */
function valueOf(event) {
  return /** @type {HTMLSelectElement} */ (event.target).value;
}
