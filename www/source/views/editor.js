/**
 * The list of the chosen object, to be edited. Nothing is done at once: edits are gathered, and the page shows what they
 * would come to.
 *
 * @typedef {import("../playground.js").Playground} Playground
 * @typedef {import("../policy.js").Entry} Entry
 * @typedef {import("../policy.js").Node} Node
 * @typedef {Record<string, string>} Said what becomes of an entry
 */
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { putEntry, putInheritance, putObject, removeObject } from "../draft.js";
import { fromField, toField } from "../instants.js";
import { abbreviated, inWords, parsePrincipal, principalId, typeInWords } from "../principals.js";
import { allowHere, denyHere, gate, icon, silent } from "./glyphs.js";
import { objectInWords, principalInWords } from "./words.js";

/** @param {Playground} app */
export function editor(app) {
  const node = app.drafted.node(app.node.path);
  return html`<section class="panel editor-panel" aria-labelledby="editor-title">
    <header><h2 id="editor-title">The list of ${objectInWords(app.node)}</h2></header>
    ${node ? body(app, node) : html`<p class="hint">The draft removes this object.</p>`}
  </section>`;
}

/**
 * @param {Playground} app
 * @param {Node} node
 */
function body(app, node) {
  return html` ${node.parent ? inheritance(app, node) : nothing}
    ${node.entries.length ? nothing : html`<p class="hint">No entries: everything comes from above.</p>`}
    <div class="edit-entries">
      ${repeat(
        node.entries,
        (entry) => principalId(entry.principalType, entry.principalName),
        (entry) => entryCard(app, node, entry),
      )}
    </div>
    ${adding(app, node)} ${objects(app, node)}`;
}

/**
 * @param {Playground} app
 * @param {Node} node
 */
function inheritance(app, node) {
  const above = node.parent ? objectInWords(node.parent) : "";
  const set = (/** @type {boolean} */ inherits) =>
    app.edit((edits) => putInheritance(edits, app.policy, node.path, inherits));
  return html`<div class="inheritance ${node.broken ? "broken" : ""}">
    <span
      >${node.broken ? html`${gate} Inheritance is broken: ${above} and what is above it do not count.` : html`Inherits what ${above} says.`}</span
    >
    <button class="soft" id="inheritance" @click=${() => set(node.broken)}>${node.broken ? "Restore" : "Break"}</button>
  </div>`;
}

/**
 * @param {Playground} app
 * @param {Node} node
 * @param {Entry} entry
 */
function entryCard(app, node, entry) {
  const principal = { type: entry.principalType, name: entry.principalName };
  const now = () =>
    app.drafted
      .node(node.path)
      ?.entries.find((each) => each.principalType === principal.type && each.principalName === principal.name) ?? entry;
  const put = (/** @type {Said | undefined} */ said) =>
    app.edit((edits) => putEntry(edits, app.policy, node.path, principal, said && { ...now(), ...said }));
  const title = principalInWords(principal.type, principal.name);
  return html`<fieldset class="edit-entry" data-principal=${principalId(principal.type, principal.name)}>
    <legend>${title}</legend>
    <button
      class="quiet remove"
      title="Remove this entry"
      aria-label="Remove the entry for ${title}"
      @click=${() => put(undefined)}
    >
      ${icon("close")}
    </button>
    <div class="says">${app.policy.privileges.map((privilege) => threeWays(title, privilege, entry, put, node))}</div>
    <details ?open=${Boolean(entry.notBefore || entry.notAfter)}>
      <summary>${entry.notBefore || entry.notAfter ? "Dated" : "Dates"}</summary>
      <div class="dates">${date("counts from", "notBefore", entry, put)}${date("until", "notAfter", entry, put)}</div>
    </details>
  </fieldset>`;
}

/**
 * Inherit, allow or deny.
 * @param {string} title
 * @param {string} privilege
 * @param {Entry} entry
 * @param {(said: Said) => void} put
 * @param {Node} node
 */
function threeWays(title, privilege, entry, put, node) {
  const field = `${privilege}Privilege`;
  const name = `${node.objectId} ${title} ${privilege}`;
  const way = (/** @type {string} */ word, /** @type {unknown} */ glyph) =>
    html`<label class="way ${word}" title="${word} ${inWords(privilege)}">
      <input
        type="radio"
        name=${name}
        .value=${word}
        .checked=${live(entry[field] === word)}
        aria-label="${word} ${inWords(privilege)}"
        @change=${() => put({ [field]: word })}
      />${glyph}</label
    >`;
  return html`<div class="three-ways" role="radiogroup" aria-label=${inWords(privilege)} data-privilege=${privilege}>
    <span title=${inWords(privilege)}>${abbreviated(privilege)}</span>
    <div>${way("inherit", silent)}${way("allow", allowHere)}${way("deny", denyHere)}</div>
  </div>`;
}

/**
 * @param {string} label
 * @param {"notBefore" | "notAfter"} field
 * @param {Entry} entry
 * @param {(said: Said) => void} put
 */
function date(label, field, entry, put) {
  const value = entry[field] ? toField(Date.parse(entry[field])) : "";
  const changed = (/** @type {Event} */ event) => {
    const ms = fromField(/** @type {HTMLInputElement} */ (event.target).value);
    put({ [field]: ms === undefined ? "" : new Date(ms).toISOString() });
  };
  return html`<label
    >${label} <input type="datetime-local" data-field=${field} .value=${live(value)} @change=${changed}
  /></label>`;
}

/**
 * @param {Playground} app
 * @param {Node} node
 */
function adding(app, node) {
  const has = new Set(node.entries.map((entry) => principalId(entry.principalType, entry.principalName)));
  const others = app.drafted.principals.filter((each) => !has.has(each.id));
  return html`<form class="adding" @submit=${(/** @type {SubmitEvent} */ event) => add(app, node, event)}>
    <label for="new-entry">Add an entry for</label>
    <input
      id="new-entry"
      name="who"
      list="principals"
      placeholder="group:developers"
      required
      pattern="(user|group|serviceAccount):.+"
      title="user:NAME, group:NAME or serviceAccount:NAME"
      autocomplete="off"
    />
    <datalist id="principals">
      ${others.map((each) => html`<option value=${each.id}>${typeInWords(each.type)} ${each.name}</option>`)}
    </datalist>
    <button class="soft">Add</button>
  </form>`;
}

/**
 * @param {Playground} app
 * @param {Node} node
 * @param {SubmitEvent} event
 */
function add(app, node, event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const { type, name } = parsePrincipal(String(new FormData(form).get("who")));
  form.reset();
  app.edit((edits) =>
    putEntry(edits, app.policy, node.path, { type, name }, { principalType: type, principalName: name }),
  );
}

/**
 * @param {Playground} app
 * @param {Node} node
 */
function objects(app, node) {
  const types = app.policy.childTypes(node);
  return html`<div class="objects">
    ${
      types.length
        ? html`<form class="adding" @submit=${(/** @type {SubmitEvent} */ event) => addObject(app, event)}>
            <label for="new-type">Add below it a</label>
            <select id="new-type" name="prefix" class="pick small">
              ${types.map(({ type, prefix }) => html`<option value=${prefix}>${inWords(type)}</option>`)}
            </select>
            <input name="name" aria-label="Its name" placeholder="name" required autocomplete="off" />
            <button class="soft">Add</button>
          </form>`
        : nothing
    }
    ${node.type === "systemObject" ? nothing : html`<button class="soft danger" @click=${() => app.edit((edits) => removeObject(edits, app.policy, node.path))}>Remove ${objectInWords(node)}</button>`}
  </div>`;
}

/**
 * @param {Playground} app
 * @param {SubmitEvent} event
 */
function addObject(app, event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const fields = new FormData(form);
  const name = String(fields.get("name")).replaceAll("%", "%25").replaceAll("/", "%2F");
  form.reset();
  app.edit((edits) => putObject(edits, String(fields.get("prefix")) + name));
}
