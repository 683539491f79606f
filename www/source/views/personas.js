/**
 * The personas of the chosen user side by side, and what they come to when they are merged.
 *
 * @typedef {import("../playground.js").Playground} Playground
 */
import { html, nothing } from "lit-html";
import { parsePrincipal } from "../principals.js";
import { icon } from "./glyphs.js";

/** @param {Playground} app */
export function personas(app) {
  const { type, name } = parsePrincipal(app.question.who);
  const isUser =
    type === "user" && app.policy.principals.some((each) => each.id === app.question.who && each.registered);
  return html`<section class="panel" aria-labelledby="personas-title">
      <header><h2 id="personas-title">${isUser ? `The personas of ${name}` : "Personas"}</h2></header>
      <p class="hint">
        A persona says which pages somebody sees. Those of a user and of the user’s groups are merged: their pages
        unite, and the home page is that of the earliest assigned.
      </p>
      ${isUser ? sideBySide(app, name) : html`<p class="hint">Choose a registered user in the question above.</p>`}
      ${assigning(app)}
    </section>
    ${everybody(app)}`;
}

/**
 * @param {Playground} app
 * @param {string} user
 */
function sideBySide(app, user) {
  const own = /** @type {any[]} */ (app.engine.personas(user));
  const [merged] = /** @type {any[]} */ (app.engine.personas(user, { merged: true }));
  const direct = new Set(
    /** @type {any[]} */ (app.engine.personas(user, { excludeGroupPersonas: true })).map(
      (persona) => persona.personaName,
    ),
  );
  return html`<div class="personas">
    ${own.map((persona) => card(app, persona, direct.has(persona.personaName) ? "assigned to the user" : "through a group", user))}
    ${own.length ? html`<span class="sum" aria-hidden="true">=</span>` : nothing}
    ${merged ? card(app, merged, own.length ? "merged: what the user sees" : "the default: nothing is assigned", undefined) : nothing}
  </div>`;
}

/**
 * @param {Playground} app
 * @param {any} persona
 * @param {string} how
 * @param {string | undefined} user whose assignment can be ended
 */
function card(app, persona, how, user) {
  const unassign = () =>
    app.command(
      [{ command: "unassignPersonaFromUser", arguments: { personaName: persona.personaName, userNames: [user] } }],
      `${persona.personaName} no longer of ${user}`,
    );
  return html`<article class="persona ${user ? "" : "merged"}">
    <h3>${persona.personaName}</h3>
    <p class="how">
      ${how}
      ${user && how.startsWith("assigned") ? html`<button class="quiet" aria-label="Unassign ${persona.personaName}" title="Unassign" @click=${unassign}>${icon("close")}</button>` : nothing}
    </p>
    ${(persona.personaDetail ?? []).map(
      (/** @type {any} */ detail) =>
        html`<h4>${detail.personaCategoryName}</h4>
          <ul>
            ${detail.personaPages.personaPage.map((/** @type {any} */ page) => html`<li class=${page.personaPageName === persona.homePageName ? "home" : ""}>${page.personaPageName}${page.personaPageName === persona.homePageName ? html` <small>home</small>` : nothing}</li>`)}
          </ul>`,
    )}
  </article>`;
}

/**
 * What each user sees, next to one another.
 * @param {Playground} app
 */
function everybody(app) {
  const users = app.policy.principals.filter((each) => each.type === "user" && each.registered);
  return html`<section class="panel" aria-labelledby="everybody-title">
    <header><h2 id="everybody-title">What everybody sees</h2></header>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="everybody-title">
      <table class="seen">
        <thead>
          <tr>
            <th scope="col">User</th>
            <th scope="col">Personas</th>
            <th scope="col">Pages, merged</th>
          </tr>
        </thead>
        <tbody>
          ${users.map((user) => seenBy(app, user))}
        </tbody>
      </table>
    </div>
  </section>`;
}

/**
 * @param {Playground} app
 * @param {import("../principals.js").Principal} user
 */
function seenBy(app, user) {
  const [merged] = /** @type {any[]} */ (app.engine.personas(user.name, { merged: true }));
  const own = /** @type {any[]} */ (app.engine.personas(user.name));
  return html`<tr class=${user.id === app.question.who ? "asked" : ""}>
    <th scope="row"><button class="linked" @click=${() => app.ask({ who: user.id })}>${user.name}</button></th>
    <td>
      ${own.length ? own.map((persona) => persona.personaName).join(" + ") : html`<small>${merged?.personaName}, the default</small>`}
    </td>
    <td class="persona-pages">
      ${pagesOf(merged).map((page) => html`<span class=${page === merged.homePageName ? "home" : ""}>${page}</span>`)}
    </td>
  </tr>`;
}

/**
 * @param {any} persona
 * @returns {string[]}
 */
function pagesOf(persona) {
  return (persona?.personaDetail ?? []).flatMap((/** @type {any} */ detail) =>
    detail.personaPages.personaPage.map((/** @type {any} */ page) => page.personaPageName),
  );
}

/** @param {Playground} app */
function assigning(app) {
  const registered = app.policy.principals.filter(
    (each) => each.registered && each.type !== "serviceAccount" && each.name !== "Everyone",
  );
  return html`<form class="adding" @submit=${(/** @type {SubmitEvent} */ event) => assign(app, event)}>
    <label for="persona">Assign</label>
    <select id="persona" name="persona" class="pick small">
      ${app.policy.personas.map((persona) => html`<option>${persona.personaName}</option>`)}
    </select>
    <label for="persona-who">to</label>
    <select id="persona-who" name="who" class="pick small">
      ${registered.map((each) => html`<option value=${each.id} ?selected=${each.id === app.question.who}>${each.type === "group" ? "group " : ""}${each.name}</option>`)}
    </select>
    <button class="soft">Assign</button>
  </form>`;
}

/**
 * @param {Playground} app
 * @param {SubmitEvent} event
 */
function assign(app, event) {
  event.preventDefault();
  const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const personaName = String(fields.get("persona"));
  const { type, name } = parsePrincipal(String(fields.get("who")));
  const command =
    type === "group"
      ? { command: "assignPersonaToGroup", arguments: { personaName, groupNames: [name] } }
      : { command: "assignPersonaToUser", arguments: { personaName, userNames: [name] } };
  app.command([command], `${personaName} for ${name}`);
}
