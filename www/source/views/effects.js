/**
 * What would change: the edits that are not applied yet, and who would gain or lose what where.
 *
 * @typedef {import("../playground.js").Playground} Playground
 * @typedef {import("../draft.js").Edit} Edit
 * @typedef {import("portcullis").AccessChange} AccessChange
 */
import { html, nothing } from "lit-html";
import { put } from "../draft.js";
import { inWords } from "../principals.js";
import { icon } from "./glyphs.js";
import { counted, listInWords, pathInWords, principalInWords } from "./words.js";

/** @param {Playground} app */
export function effects(app) {
  if (!app.edits.length || !app.outlook) return nothing;
  const { changes } = app.outlook;
  return html`<section class="effects" aria-labelledby="effects-title">
    <header>
      <h2 id="effects-title">What would change</h2>
      <span class="count">${counted(app.edits.length, "edit")}, ${told(changes)}</span>
      <span class="doing">
        <button class="soft" @click=${() => app.discardEdits()}>Discard</button>
        <button class="primary" id="apply" @click=${() => app.applyEdits()}>Apply <kbd>Ctrl ↵</kbd></button>
      </span>
    </header>
    <div class="columns">
      <ul class="edits" aria-label="Edits">
        ${app.edits.map((edit) => editLine(app, edit))}
      </ul>
      ${changes.length ? table(app, changes) : html`<p class="hint">Nobody gains or loses anything at this time.</p>`}
    </div>
  </section>`;
}

/**
 * @param {Playground} app
 * @param {readonly AccessChange[]} changes
 */
function table(app, changes) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Who gains or loses what">
    <table>
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col">Where</th>
          <th scope="col">Gains or loses</th>
        </tr>
      </thead>
      <tbody>
        ${together(changes).map(
          ({ change, who }) =>
            html`<tr>
              <th scope="row">${who.join(", ")}</th>
              <td>
                ${pathInWords(app.drafted, change.path) || pathInWords(app.policy, change.path)}${change.below ? html` <small>and ${change.below} below it</small>` : nothing}
              </td>
              <td>
                ${change.gains.length ? html`<span class="says allow"><i>+</i>${listInWords(change.gains)}</span>` : nothing}
                ${change.loses.length ? html`<span class="says deny"><i>−</i>${listInWords(change.loses)}</span>` : nothing}
                ${change.gains.length || change.loses.length ? nothing : html`<small>stays as it is</small>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/**
 * Those for whom the same changes at the same place, in one line.
 * @param {readonly AccessChange[]} changes
 */
function together(changes) {
  /** @type {Map<string, { change: AccessChange, who: string[] }>} */
  const lines = new Map();
  for (const change of changes) {
    const key = JSON.stringify([change.path, change.gains, change.loses, change.below]);
    const line = lines.get(key) ?? { change, who: [] };
    line.who.push(principalInWords(change.principalType, change.principalName));
    lines.set(key, line);
  }
  return [...lines.values()];
}

/**
 * @param {Playground} app
 * @param {Edit} edit
 */
function editLine(app, edit) {
  return html`<li>
    <span><code>${edit.command.command}</code> ${said(app, edit.command.arguments)}</span>
    <button
      class="quiet"
      title="Take it back"
      aria-label="Take back ${edit.command.command}"
      @click=${() => app.edit((edits) => put(edits, edit.key, undefined))}
    >
      ${icon("close")}
    </button>
  </li>`;
}

/**
 * The arguments of a command, as one would tell them.
 * @param {Playground} app
 * @param {Record<string, any>} given
 */
function said(app, given) {
  const { principalType, principalName, path, groupName, userName, memberType, ...rest } = given;
  const who = principalName === undefined ? [] : [principalInWords(principalType, principalName)];
  const member = userName === undefined ? [] : [principalInWords(memberType ?? "user", userName)];
  const group = groupName === undefined ? [] : [`group ${groupName}`];
  const place = path === undefined ? [] : [pathInWords(app.drafted, path)];
  const words = Object.entries(rest).map(
    ([name, value]) =>
      `${inWords(name.replace(/Privilege$/, ""))} ${value === "" ? "always" : String(value).replace(/T00:00:00.000Z$/, "")}`,
  );
  return [...who, ...member, ...group, ...place, ...words].join(" · ");
}

/**
 * How many gain or lose something.
 * @param {readonly AccessChange[]} changes
 */
function told(changes) {
  const concerned = changes.filter((change) => change.gains.length || change.loses.length);
  const who = new Set(concerned.map((change) => `${change.principalType}:${change.principalName}`));
  return who.size ? `${counted(who.size, "principal")} concerned` : "nobody’s access";
}
