/**
 * Puts the page together and keeps it drawn.
 */
import { html, nothing, render } from "lit-html";
import { messageOf, Playground } from "./playground.js";
import { fromFragment } from "./share.js";
import { listenForDrops } from "./views/drop.js";
import { cases } from "./views/cases.js";
import { clock } from "./views/clock.js";
import { editor } from "./views/editor.js";
import { effects } from "./views/effects.js";
import { header } from "./views/header.js";
import { listenForKeys } from "./views/keys.js";
import { people } from "./views/people.js";
import { personas } from "./views/personas.js";
import { question } from "./views/question.js";
import { restoreTheme } from "./views/theme.js";
import { time } from "./views/time.js";
import { tree } from "./views/tree.js";
import { walk } from "./views/walk.js";

const PANELS = {
  access: (/** @type {Playground} */ app) => html`<div class="three">${tree(app)}${walk(app)}${editor(app)}</div>`,
  people,
  personas,
  time,
  cases,
};

/** @param {Playground} app */
function page(app) {
  return html` <a class="skip" href="#main" @click=${skip}>Skip to the policy</a>
    ${header(app)}
    <main id="main" tabindex="-1">
      <div class="ask">${question(app)}${clock(app)}</div>
      ${PANELS[app.tab](app)}
    </main>
    <div class="dock">${effects(app)}${notice(app)}</div>
    <footer class="foot">
      <p>Portcullis answers one question: may this principal do this to that object, and why?</p>
      <p>Everything happens in this page: no server is asked, and nothing leaves it.</p>
    </footer>`;
}

/** @param {Playground} app */
function notice(app) {
  return html`<div role="status" aria-live="polite">
    ${
      app.notice
        ? html`<p class="notice ${app.notice.kind}">
            ${app.notice.text} <button class="quiet" @click=${() => app.dismissNotice()}>Close</button>
          </p>`
        : nothing
    }
  </div>`;
}

/**
 * The fragment is a policy's place here, so a jump within the page must not write to it.
 * @param {Event} event
 */
function skip(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

/** @param {HTMLElement} root */
async function begin(root) {
  restoreTheme();
  let isDue = false;
  const draw = () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      render(page(app), root);
    });
  };
  const app = await Playground.begin(draw);
  root.replaceChildren();
  await openShared(app);
  listenForKeys(app);
  listenForDrops(app);
  addEventListener("hashchange", () => openShared(app));
  draw();
}

/** @param {Playground} app */
async function openShared(app) {
  try {
    const shared = await fromFragment(location.hash);
    if (shared) app.replace(await app.load(shared.snapshot), { ...shared, about: "a shared policy" });
  } catch (fault) {
    app.say("bad", `The link holds no policy that can be read: ${messageOf(fault)}`);
  }
}

const root = /** @type {HTMLElement} */ (document.getElementById("page"));
begin(root).catch((fault) => {
  root.textContent = `Portcullis could not begin: ${messageOf(fault)}`;
});
