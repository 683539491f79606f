/**
 * The explanation, drawn as the walk: it begins at the object at the foot and climbs to what the object lies under,
 * until a list decides, a gate closes the way, or there is nothing further up.
 *
 * @typedef {import("../playground.js").Playground} Playground
 * @typedef {import("../policy.js").Node} Node
 */
import { html, nothing } from "lit-html";
import { wayUp } from "../policy.js";
import { inWords } from "../principals.js";
import { allowHere, denyHere, gate, silent } from "./glyphs.js";
import { verdictGlyph } from "./question.js";
import { counted, objectInWords, principalInWords, whoInWords } from "./words.js";

/** @param {Playground} app */
export function walk(app) {
  const { who, privilege } = app.question;
  const explanation = /** @type {any} */ (app.engine.explain(/** @type {any} */ (who), privilege, app.question.path));
  const way = explanation.walk[0];
  return html`<section class="panel walk-panel" aria-labelledby="walk-title">
    <header><h2 id="walk-title">Why: the walk up the tree</h2></header>
    ${
      way.code === "Admin"
        ? ofAdmin()
        : html` <ol class="walk ${explanation.decision}" aria-label="From the object upwards">
            ${way.object.map((/** @type {any} */ level, /** @type {number} */ index) => reached(app, level, index, way))}
            ${unreached(app, way.object).map((node, index) => above(node, index === 0 && way.code === "InheritanceBroken"))}
          </ol>`
    }
    ${explanation.fix?.length ? fix(app, explanation.fix) : nothing}
  </section>`;
}

function ofAdmin() {
  return html`<p class="hint">
    ${allowHere} Nobody walks: the user <b>admin</b> is allowed everything, broken inheritance and denials included.
  </p>`;
}

/**
 * @param {Playground} app
 * @param {any} level
 * @param {number} index
 * @param {any} way
 */
function reached(app, level, index, way) {
  const isLast = index === way.object.length - 1;
  const stops = isLast && !level.decides;
  return html`<li class="level ${level.decides ? "decides" : ""} ${isLast ? "last" : ""}">
    <span class="stop">${level.decides ? verdictGlyph(way.code) : html`<i>${index + 1}</i>`}</span>
    <div class="card">
      <h3>
        ${objectInWords({ type: level.objectType, name: level.objectName })}
        ${index === 0 ? html`<small>the walk begins here</small>` : nothing}
        ${level.decides ? html`<small class="decider">decides</small>` : nothing}
      </h3>
      ${
        level.aclEntry.length
          ? html`<ul>
              ${level.aclEntry.map((/** @type {any} */ entry) => entryLine(app, entry))}
            </ul>`
          : html`<p>${quiet(app, level)}</p>`
      }
      ${level.breakInheritance ? html`<p class="closed">${gate} Inheritance is broken here: ${stops || level.decides ? "nothing above counts." : ""}</p>` : nothing}
      ${stops && !level.breakInheritance ? html`<p class="closed">${silent} The top is reached and nothing was said: denied.</p>` : nothing}
    </div>
  </li>`;
}

/**
 * @param {Playground} app
 * @param {any} level
 */
function quiet(app, level) {
  const subject = `${whoInWords(app.question.who)} and ${inWords(app.question.privilege)}`;
  return level.entryCount ? `${counted(level.entryCount, "entry", "entries")}, none about ${subject}` : "No entries";
}

/**
 * @param {Playground} app
 * @param {any} entry
 */
function entryLine(app, entry) {
  const word = entry[`${app.question.privilege}Privilege`];
  const through = entry.through ?? [];
  return html`<li class="${word} ${entry.decides ? "deciding" : ""} ${entry.notInEffect ? "asleep" : ""}">
    ${word === "allow" ? allowHere : denyHere}
    <span
      ><b>${principalInWords(entry.principalType, entry.principalName)}</b>
      ${word === "allow" ? "is allowed" : "is denied"} ${inWords(app.question.privilege)}
      ${entry.notInEffect ? html`<em>but not now</em>` : nothing}
      ${through.length ? html`<small>${[whoInWords(app.question.who), ...through].join(" → ")}</small>` : nothing}</span
    >
  </li>`;
}

/**
 * What the walk did not come to.
 * @param {Playground} app
 * @param {any[]} levels
 * @returns {Node[]}
 */
function unreached(app, levels) {
  const last = levels[levels.length - 1];
  return wayUp(app.policy.nearest(last.path).parent);
}

/**
 * @param {Node} node
 * @param {boolean} isBehindGate
 */
function above(node, isBehindGate) {
  return html`<li class="level unreached ${isBehindGate ? "behind-gate" : ""}">
    <span class="stop"></span>
    <div class="card">
      <h3>${objectInWords(node)} <small>not looked at</small></h3>
    </div>
  </li>`;
}

/**
 * The least that would allow it, to be tried out.
 * @param {Playground} app
 * @param {any[]} commands
 */
function fix(app, commands) {
  return html`<aside class="fix">
    <p><b>To allow it</b>, the least would be</p>
    ${commands.map((call) => html`<code>${call.command}</code> ${fixInWords(app, call.arguments)}`)}
    <button
      class="soft"
      @click=${() => app.edit(() => commands.map((command, index) => ({ key: `fix ${index}`, command, under: command.arguments.path })))}
    >
      Try it out
    </button>
  </aside>`;
}

/**
 * @param {Playground} app
 * @param {Record<string, string>} said
 */
function fixInWords(app, said) {
  const words = app.policy.privileges
    .filter((privilege) => said[`${privilege}Privilege`])
    .map((privilege) => `${inWords(privilege)}: ${said[`${privilege}Privilege`]}`);
  const node = app.policy.node(said.path);
  const isUndated = said.notBefore === "" || said.notAfter === "";
  return html`<span
    >${principalInWords(said.principalType, said.principalName)}, ${words.join(", ")}, on
    ${node ? objectInWords(node) : said.path}${isUndated ? ", and at once and for ever" : ""}</span
  >`;
}
