/**
 * Users, groups and service accounts, who is in what, and what each may do with the chosen object.
 *
 * @typedef {import("../playground.js").Playground} Playground
 * @typedef {import("../principals.js").Principal} Principal
 */
import { html, nothing } from "lit-html";
import { putMember, putObject, removeObject } from "../draft.js";
import { inWords, parsePrincipal, typeInWords } from "../principals.js";
import { allowHere, denyHere, gate, icon, silent } from "./glyphs.js";
import { objectInWords, principalInWords } from "./words.js";

const COLLECTIONS = new Map([
  ["user", "/users/"],
  ["group", "/groups/"],
  ["serviceAccount", "/serviceAccounts/"],
]);

/** @param {Playground} app */
export function people(app) {
  return html`<div class="two">
    <section class="panel" aria-labelledby="groups-title">
      <header><h2 id="groups-title">Groups, and who is in them</h2></header>
      <p class="hint">Groups may hold groups. <b>Everyone</b> holds all registered users and needs no list.</p>
      <div class="groups">${app.drafted.memberships.map((group) => groupCard(app, group))}</div>
      ${newPrincipal(app)}
    </section>
    ${matrix(app)}
  </div>`;
}

/**
 * @param {Playground} app
 * @param {import("../policy.js").Membership} group
 */
function groupCard(app, { group, members }) {
  const put = (/** @type {{ type: string, name: string }} */ member, /** @type {boolean} */ belongs) =>
    app.edit((edits) => putMember(edits, app.policy, group, member, belongs));
  const outside = app.drafted.principals.filter(
    (each) =>
      each.registered &&
      each.name !== "Everyone" &&
      each.id !== `group:${group}` &&
      !members.some((member) => member.type === each.type && member.name === each.name),
  );
  const add = (/** @type {Event} */ event) => {
    const select = /** @type {HTMLSelectElement} */ (event.target);
    put(parsePrincipal(select.value), true);
    select.value = "";
  };
  return html`<article class="group" data-group=${group}>
    <h3>${group}</h3>
    <ul>
      ${members.map(
        (member) =>
          html`<li class="chip ${member.type}">
            ${principalInWords(member.type, member.name)}
            <button class="quiet" aria-label="Take ${member.name} out of ${group}" @click=${() => put(member, false)}>
              ${icon("close")}
            </button>
          </li>`,
      )}
      ${members.length ? nothing : html`<li class="hint">nobody</li>`}
    </ul>
    <select class="pick small" aria-label="Add to ${group}" @change=${add}>
      <option value="">Add …</option>
      ${outside.map((each) => html`<option value=${each.id}>${principalInWords(each.type, each.name)}</option>`)}
    </select>
    <button
      class="quiet"
      title="Remove the group"
      aria-label="Remove the group ${group}"
      @click=${() => app.edit((edits) => removeObject(edits, app.policy, `/groups/${group}`))}
    >
      ${icon("close")}
    </button>
  </article>`;
}

/** @param {Playground} app */
function newPrincipal(app) {
  const add = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const fields = new FormData(form);
    form.reset();
    app.edit((edits) =>
      putObject(
        edits,
        `${fields.get("collection")}${String(fields.get("name")).replaceAll("%", "%25").replaceAll("/", "%2F")}`,
      ),
    );
  };
  return html`<form class="adding" @submit=${add}>
    <label for="new-principal-type">Add a</label>
    <select id="new-principal-type" name="collection" class="pick small">
      ${[...COLLECTIONS].map(([type, path]) => html`<option value=${path}>${typeInWords(type)}</option>`)}
    </select>
    <input name="name" aria-label="The name" placeholder="name" required autocomplete="off" />
    <button class="soft">Add</button>
  </form>`;
}

/** @param {Playground} app */
function matrix(app) {
  const { privileges } = app.policy;
  return html`<section class="panel" aria-labelledby="matrix-title">
    <header><h2 id="matrix-title">Who may do what with ${objectInWords(app.node)}</h2></header>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="matrix-title">
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">Who</th>
            ${privileges.map((privilege) => html`<th scope="col">${inWords(privilege)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${app.policy.principals.map((principal) => principalRow(app, principal))}
        </tbody>
      </table>
    </div>
  </section>`;
}

/**
 * @param {Playground} app
 * @param {Principal} principal
 */
function principalRow(app, principal) {
  const builtIn = ["admin", "default", "Everyone"].includes(principal.name);
  const collection = COLLECTIONS.get(principal.type);
  return html`<tr class=${principal.id === app.question.who ? "asked" : ""}>
    <th scope="row">
      <button class="linked" @click=${() => app.ask({ who: principal.id })}>
        ${principalInWords(principal.type, principal.name)}
      </button>
      ${principal.registered && !builtIn && principal.type !== "group" ? html`<button class="quiet" aria-label="Remove ${principal.name}" title="Remove ${principal.name}" @click=${() => app.edit((edits) => removeObject(edits, app.policy, collection + principal.name))}>${icon("close")}</button>` : nothing}
    </th>
    ${app.policy.privileges.map((privilege) => answer(app, principal, privilege))}
  </tr>`;
}

/**
 * @param {Playground} app
 * @param {Principal} principal
 * @param {string} privilege
 */
function answer(app, principal, privilege) {
  const { allowed, reason } = app.engine.decide(/** @type {any} */ (principal.id), privilege, app.node.path);
  const glyph = allowed
    ? allowHere
    : reason.code === "EntryDenies"
      ? denyHere
      : reason.code === "InheritanceBroken"
        ? gate
        : silent;
  return html`<td>
    <button
      class="cell ${allowed ? "allow" : "deny"}"
      aria-label="${inWords(privilege)}: ${allowed ? "yes" : "no"}"
      title="${inWords(privilege)}: ${allowed ? "yes" : "no"}"
      @click=${() => {
        app.ask({ who: principal.id, privilege });
        app.show("access");
      }}
    >
      ${glyph}
    </button>
  </td>`;
}
