/**
 * The top of the page: its name, the panels, and what can be done with the policy as a whole.
 *
 * @typedef {import("../playground.js").Playground} Playground
 * @typedef {import("../playground.js").Tab} Tab
 */
import { html, nothing } from "lit-html";
import { until } from "lit-html/directives/until.js";
import { canRead } from "../exports.js";
import { save } from "../files.js";
import { emptyPolicy, QUESTION, SAMPLE_AT, samplePolicy } from "../sample.js";
import { LONGEST_LINK, toLink } from "../share.js";
import { pickExport, pickPolicy } from "./drop.js";
import { icon, mark } from "./glyphs.js";
import { keyList, showKeys } from "./keys.js";
import { toggleTheme } from "./theme.js";

/** @type {[Tab, string][]} */
const TABS = [
  ["access", "Access"],
  ["people", "People"],
  ["personas", "Personas"],
  ["time", "Time"],
  ["cases", "Cases"],
];

/** @param {Playground} app */
export function header(app) {
  return html`<header class="top">
    <div class="brand">
      ${mark}
      <h1>Portcullis</h1>
      <span class="title" title="The policy that is open">${app.title}</span>
    </div>
    <nav aria-label="Panels">
      ${TABS.map(([tab, label]) => html`<button aria-current=${app.tab === tab ? "page" : nothing} data-tab=${tab} @click=${() => app.show(tab)}>${label}</button>`)}
    </nav>
    <div class="tools">
      ${tool("undo", lastOf(app.past, "Undo"), () => app.undo(), !app.past.length)}
      ${tool("redo", lastOf(app.future, "Redo"), () => app.redo(), !app.future.length)}
      ${tool("link", "Share by a link", () => share(app))} ${tool("keys", "Keys", showKeys)}
      ${tool("sun", "Light or dark", toggleTheme)} ${menu(app)}
    </div>
    ${keyList()}
  </header>`;
}

/**
 * @param {"undo" | "redo" | "link" | "keys" | "sun"} name
 * @param {string} label
 * @param {() => void} act
 * @param {boolean} [isOff]
 */
function tool(name, label, act, isOff = false) {
  return html`<button
    class="tool"
    id="tool-${name}"
    title=${label}
    aria-label=${label}
    ?disabled=${isOff}
    @click=${act}
  >
    ${icon(name)}
  </button>`;
}

/**
 * @param {import("../playground.js").Moment[]} moments
 * @param {string} word
 */
function lastOf(moments, word) {
  const last = moments[moments.length - 1];
  return last ? `${word}: ${last.about}` : word;
}

/** @param {Playground} app */
function menu(app) {
  const item = (/** @type {string} */ label, /** @type {() => void} */ act) =>
    html`<button
      @click=${(/** @type {Event} */ event) => {
        shut(event);
        act();
      }}
    >
      ${label}
    </button>`;
  return html`<details class="menu">
    <summary aria-label="The policy" title="The policy">${icon("menu")}</summary>
    <div>
      ${item("The sample shop", () => openSample(app))} ${item("An empty policy", () => openEmpty(app))}
      ${item("Open a file …", () => pickPolicy(app))}
      ${item("Save to a file", () => save("policy.portcullis", app.engine.snapshot()))}
      ${until(
        canRead().then((can) => (can ? item("Import a CD/RO export …", () => pickExport(app)) : nothing)),
        nothing,
      )}
    </div>
  </details>`;
}

/** @param {Event} event */
function shut(event) {
  const details = /** @type {HTMLElement} */ (event.target).closest("details");
  if (details) details.open = false;
}

/** @param {Playground} app */
async function openSample(app) {
  const clock = { at: SAMPLE_AT };
  const sample = await samplePolicy(clock);
  app.replace(await app.load(sample.snapshot()), {
    title: "A small shop",
    at: SAMPLE_AT,
    question: QUESTION,
    about: "opening the sample",
  });
  sample.dispose();
}

/** @param {Playground} app */
async function openEmpty(app) {
  const empty = await emptyPolicy({ at: app.at });
  app.replace(await app.load(empty.snapshot()), { title: "An empty policy", about: "an empty policy" });
  empty.dispose();
}

/** @param {Playground} app */
async function share(app) {
  const link = await toLink(
    { snapshot: app.engine.snapshot(), question: app.question, at: app.at, title: app.title },
    location.href,
  );
  if (link.length > LONGEST_LINK)
    return app.say("bad", "The policy is too big for a link: save it to a file, which others can open.");
  history.replaceState(null, "", link);
  const isCopied = await navigator.clipboard?.writeText(link).then(
    () => true,
    () => false,
  );
  app.say(
    "good",
    isCopied
      ? "The link is copied. The policy is in the link itself: no server has it."
      : "The link is in the address bar. The policy is in the link itself: no server has it.",
  );
}
