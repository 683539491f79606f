/**
 * Dated entries, tokens and sessions as bars along the clock's rule: the hand cuts those that hold.
 *
 * @typedef {import("../playground.js").Playground} Playground
 * @typedef {{ from: number | undefined, to: number | undefined }} Stretch
 */
import { html, nothing } from "lit-html";
import { briefly, inWords, monthName, monthsBetween, shortDay } from "../instants.js";
import { inWords as spoken } from "../principals.js";
import { left } from "./clock.js";
import { icon } from "./glyphs.js";
import { pathInWords, principalInWords } from "./words.js";

/** @param {Playground} app */
export function time(app) {
  const { from, to } = app.span;
  const { datedEntries, tokens, accountSessions } = app.policy;
  return html`<section class="panel time-panel" aria-labelledby="time-title">
    <header>
      <h2 id="time-title">What begins and ends</h2>
      <p class="hint">Drag the hand, here or above: every answer follows it. It stands at ${inWords(app.at)} UTC.</p>
    </header>
    <div
      class="chart"
      @pointerdown=${(/** @type {PointerEvent} */ event) => drag(app, event)}
      @pointermove=${(/** @type {PointerEvent} */ event) => event.buttons === 1 && drag(app, event)}
    >
      <div class="scale" aria-hidden="true">
        <div class="track">
          ${monthsBetween(from, to).map((month) => html`<span class="month" .style=${left(month, from, to)}>${monthName(month)}</span>`)}
        </div>
      </div>
      ${lanes(
        "Dated entries",
        datedEntries.map((entry) => lane(app, entryLabel(app, entry), entry, entryKind(app, entry.entry))),
      )}
      ${lanes(
        "Tokens, and the sessions that they were exchanged for",
        tokens.flatMap((token) => [
          lane(app, html`<b>${token.name}</b> of ${token.user}`, token, "token", revoke(app, token)),
          ...token.sessions.map((session) =>
            lane(app, html`session <small>of ${token.name}</small>`, session, "session"),
          ),
        ]),
      )}
      ${lanes(
        "Sessions of service accounts",
        accountSessions.flatMap(({ account, sessions }) =>
          sessions.map((session) => lane(app, html`<b>${account}</b>`, session, "session")),
        ),
      )}
      <div class="hand-track" aria-hidden="true">
        <i class="hand" .style=${left(app.at, from, to)}><span>${shortDay(app.at)}</span></i>
      </div>
    </div>
    ${newToken(app)} ${newSession(app)}
  </section>`;
}

/**
 * @param {string} title
 * @param {unknown[]} content
 */
function lanes(title, content) {
  return content.length
    ? html`<h3>${title}</h3>
        <ul class="lanes">
          ${content}
        </ul>`
    : nothing;
}

/**
 * @param {Playground} app
 * @param {unknown} label
 * @param {Stretch} stretch
 * @param {string} kind
 * @param {unknown} [doing]
 */
function lane(app, label, stretch, kind, doing = nothing) {
  const { from, to } = app.span;
  const begin = stretch.from ?? from;
  const end = stretch.to ?? to;
  const state = app.at < begin ? "ahead" : app.at >= end ? "over" : "holds";
  const dates = `${stretch.from === undefined ? "always" : briefly(stretch.from)} – ${stretch.to === undefined ? "for ever" : briefly(stretch.to)}`;
  return html`<li class="lane ${state}" data-state=${state}>
    <div class="label">
      ${label} ${doing}<small>${dates}<span class="unseen">, ${stateInWords(state)}</span></small>
    </div>
    <div class="track">
      <span
        class="bar ${kind} ${stretch.from === undefined ? "open-start" : ""} ${stretch.to === undefined ? "open-end" : ""}"
        .style=${`${left(begin, from, to)}; --length: ${((end - begin) / (to - from)).toFixed(5)}`}
      ></span>
    </div>
  </li>`;
}

/** @param {"ahead" | "over" | "holds"} state */
function stateInWords(state) {
  return { ahead: "not begun", over: "ended", holds: "holds now" }[state];
}

/**
 * @param {Playground} app
 * @param {import("../policy.js").DatedEntry} dated
 */
function entryLabel(app, { entry, path }) {
  return html`<button
      class="linked"
      @click=${() => {
        app.ask({ path });
        app.show("access");
      }}
    >
      ${principalInWords(entry.principalType, entry.principalName)}
    </button>
    ${saying(app, entry, "allow", "+")}${saying(app, entry, "deny", "−")}
    <span class="on">on ${pathInWords(app.policy, path)}</span>`;
}

/**
 * @param {Playground} app
 * @param {import("../policy.js").Entry} entry
 * @param {"allow" | "deny"} word
 * @param {string} sign
 */
function saying(app, entry, word, sign) {
  return app.policy.privileges
    .filter((privilege) => entry[`${privilege}Privilege`] === word)
    .map((privilege) => html`<span class="says ${word}"><i>${sign}</i>${spoken(privilege)}</span>`);
}

/**
 * @param {Playground} app
 * @param {import("../policy.js").Entry} entry
 */
function entryKind(app, entry) {
  return app.policy.privileges.some((privilege) => entry[`${privilege}Privilege`] === "deny") ? "deny" : "allow";
}

/**
 * @param {Playground} app
 * @param {import("../policy.js").Token} token
 */
function revoke(app, token) {
  const command = {
    command: "revokeUserAccessToken",
    arguments: { userAccessTokenName: token.name, userName: token.user },
  };
  return html`<button
    class="quiet"
    title="Revoke"
    aria-label="Revoke ${token.name} of ${token.user}"
    @click=${() => app.command([command], `${token.name} of ${token.user} is revoked`)}
  >
    ${icon("close")}
  </button>`;
}

/** @param {Playground} app */
function newToken(app) {
  const users = app.policy.principals.filter((each) => each.type === "user" && each.registered);
  const add = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const fields = new FormData(form);
    const command = {
      command: "createUserAccessToken",
      arguments: { userAccessTokenName: String(fields.get("name")), expirationDays: Number(fields.get("days")) },
    };
    if (app.command([command], `a token for ${fields.get("user")}`, `user:${fields.get("user")}`)) form.reset();
  };
  return html`<form class="adding" @submit=${add}>
    <label for="token-user">A token for</label>
    <select id="token-user" name="user" class="pick small">
      ${users.map((user) => html`<option>${user.name}</option>`)}
    </select>
    <input name="name" aria-label="The token’s name" placeholder="its name" required autocomplete="off" />
    <label for="token-days">for</label
    ><input id="token-days" class="days" name="days" type="number" min="0" value="30" /> <span>days</span>
    <button class="soft">Make</button>
  </form>`;
}

/** @param {Playground} app */
function newSession(app) {
  const accounts = app.policy.principals.filter((each) => each.type === "serviceAccount" && each.registered);
  const add = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const account = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("account"));
    app.command([{ command: "createSession", arguments: { serviceAccountName: account } }], `a session for ${account}`);
  };
  return accounts.length
    ? html`<form class="adding" @submit=${add}>
        <label for="session-account">A session for</label>
        <select id="session-account" name="account" class="pick small">
          ${accounts.map((account) => html`<option>${account.name}</option>`)}
        </select>
        <span>of 180 days</span> <button class="soft">Make</button>
      </form>`
    : nothing;
}

/**
 * @param {Playground} app
 * @param {PointerEvent} event
 */
function drag(app, event) {
  if (/** @type {HTMLElement} */ (event.target).closest("button, .label")) return;
  const chart = /** @type {HTMLElement} */ (event.currentTarget);
  const track = chart.querySelector(".hand-track")?.getBoundingClientRect();
  if (!track) return;
  if (event.type === "pointerdown") chart.setPointerCapture(event.pointerId);
  const { from, to } = app.span;
  const share = Math.min(1, Math.max(0, (event.clientX - track.left) / track.width));
  const hour = 3_600_000;
  app.setClock(Math.round((from + share * (to - from)) / hour) * hour);
}
