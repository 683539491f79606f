/**
 * The objects as they lie in one another, each with its entries, and beside them what the chosen principal may do: the
 * tree and the matrix in one table, so that one sees an answer come down from above and stop at a gate.
 *
 * @typedef {import("../playground.js").Playground} Playground
 * @typedef {import("../policy.js").Node} Node
 * @typedef {import("../policy.js").Entry} Entry
 */
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { wayUp } from "../policy.js";
import { abbreviated, initial, inWords, principalId } from "../principals.js";
import { allowAbove, allowHere, denyAbove, denyHere, gate, icon, silent } from "./glyphs.js";
import { objectInWords, principalInWords, whoInWords } from "./words.js";

/** More rows than these are asked for by opening or searching. */
const ROWS_SHOWN = 400;

/** @param {Playground} app */
export function tree(app) {
  const rows = shownRows(app);
  const shown = rows.slice(0, ROWS_SHOWN);
  return html`<section class="panel tree-panel" aria-labelledby="tree-title">
    <header>
      <h2 id="tree-title">What ${whoInWords(app.question.who)} may do</h2>
      <input
        type="search"
        id="find"
        placeholder="Find an object"
        aria-label="Find an object"
        .value=${live(app.find)}
        @input=${(/** @type {Event} */ event) => find(app, event)}
      />
    </header>
    <div
      class="grid"
      role="treegrid"
      aria-labelledby="tree-title"
      aria-readonly="true"
      .style=${`--privileges: ${app.policy.privileges.length}`}
      @keydown=${(/** @type {KeyboardEvent} */ event) => walkByKey(app, shown, event)}
    >
      <div role="row" class="head">
        <span role="columnheader">Object, and the entries on it</span>
        ${app.policy.privileges.map(
          (privilege) =>
            html`<span role="columnheader" class="privilege ${privilege === app.question.privilege ? "asked" : ""}">
              <abbr title=${inWords(privilege)}
                ><span class="long">${abbreviated(privilege)}</span
                ><span class="short" aria-hidden="true">${initial(privilege)}</span></abbr
              ></span
            >`,
        )}
      </div>
      ${repeat(
        shown,
        (node) => node.path,
        (node) => row(app, node),
      )}
    </div>
    ${rows.length > ROWS_SHOWN ? html`<p class="hint">${rows.length - ROWS_SHOWN} more rows: find what you look for, or close what you do not.</p>` : nothing}
    <footer>
      ${legend()}
      <label class="choice"
        ><input type="checkbox" .checked=${live(app.showsAll)} @change=${() => toggleAll(app)} /> Show objects that say
        nothing of their own</label
      >
    </footer>
  </section>`;
}

/**
 * @param {Playground} app
 * @param {Node} node
 */
function row(app, node) {
  const isAsked = node === app.node;
  const isOpen = app.open.has(node.path);
  const hasChildren = node.children.some((child) => app.showsAll || app.policy.isTelling(child));
  return html`<div
    role="row"
    class="row ${isAsked ? "asked" : ""} ${node.broken ? "broken" : ""}"
    data-path=${node.path}
    aria-level=${node.depth + 1}
    aria-expanded=${hasChildren ? String(isOpen) : nothing}
    aria-selected=${String(isAsked)}
    tabindex=${isAsked ? 0 : -1}
    @click=${() => choose(app, node)}
    .style=${`--depth: ${node.depth}`}
  >
    <div role="rowheader" class="object">
      <span class="name">
        ${hasChildren ? html`<span class="twist ${isOpen ? "open" : ""}" @click=${(/** @type {Event} */ event) => twist(app, node, event)}>${icon("twist")}</span>` : html`<span class="twist"></span>`}
        <span class="type">${node.type === "systemObject" ? "" : inWords(node.type)}</span> <b>${node.name}</b>
      </span>
      ${
        node.entries.length || node.broken
          ? html`<ul class="entries">
              ${node.broken ? html`<li class="broken-mark">${gate} inheritance broken</li>` : nothing}${node.entries.map((entry) => html`<li>${entryInShort(app, entry)}</li>`)}
            </ul>`
          : nothing
      }
    </div>
    ${app.policy.privileges.map((privilege) => cell(app, node, privilege))}
  </div>`;
}

/**
 * An entry in a line: `developers +read +modify −execute`.
 * @param {Playground} app
 * @param {Entry} entry
 */
export function entryInShort(app, entry) {
  const saying = (/** @type {string} */ word) =>
    app.policy.privileges.filter((privilege) => entry[`${privilege}Privilege`] === word);
  const isAll = (/** @type {string[]} */ privileges) => privileges.length === app.policy.privileges.length;
  const words = (/** @type {string[]} */ privileges) => (isAll(privileges) ? ["everything"] : privileges.map(inWords));
  const id = principalId(entry.principalType, entry.principalName);
  return html`<span class="entry ${id === app.question.who ? "own" : ""} ${isInEffect(entry, app.at) ? "" : "asleep"}">
    <span class="who">${principalInWords(entry.principalType, entry.principalName)}</span>
    ${words(saying("allow")).map((word) => html`<span class="says allow"><i>+</i>${word}</span>`)}
    ${words(saying("deny")).map((word) => html`<span class="says deny"><i>−</i>${word}</span>`)}
    ${entry.notBefore || entry.notAfter ? html`<span class="dated">${isInEffect(entry, app.at) ? "dated" : "not in effect"}</span>` : nothing}
  </span>`;
}

/**
 * @param {Entry} entry
 * @param {number} at
 */
function isInEffect(entry, at) {
  return (
    !(entry.notBefore && at < Date.parse(entry.notBefore)) && !(entry.notAfter && at >= Date.parse(entry.notAfter))
  );
}

/**
 * @param {Playground} app
 * @param {Node} node
 * @param {string} privilege
 */
function cell(app, node, privilege) {
  const decision = decided(app, app.policy, node, privilege);
  const drafted = app.edits.length ? app.drafted.node(node.path) : undefined;
  const after = drafted ? decided(app, app.drafted, drafted, privilege) : decision;
  const changes = after.word !== decision.word;
  const isAsked = node === app.node && privilege === app.question.privilege;
  const label = `${inWords(privilege)}: ${decision.words}${changes ? `; would be: ${after.words}` : ""}`;
  return html`<span
    role="gridcell"
    class="cell ${decision.word} ${isAsked ? "asked" : ""} ${changes ? "changes" : ""} ${privilege === app.question.privilege ? "column" : ""}"
    title=${label}
    aria-label=${label}
    data-privilege=${privilege}
    data-answer=${decision.word}
    @click=${(/** @type {Event} */ event) => {
      event.stopPropagation();
      app.ask({ path: node.path, privilege });
    }}
    >${changes ? html`${decision.glyph}<i class="becomes">${after.glyph}</i>` : decision.glyph}</span
  >`;
}

/**
 * @param {Playground} app
 * @param {import("../policy.js").Policy} policy
 * @param {Node} node
 * @param {string} privilege
 */
function decided(app, policy, node, privilege) {
  const { decision, reason } = policy.engine.decide(/** @type {any} */ (app.question.who), privilege, node.path);
  const { code, object } = /** @type {any} */ (reason);
  const isHere = object === node.path || code === "Admin";
  const from = isHere ? "here" : `from ${policy.node(object)?.name ?? "above"}`;
  switch (code) {
    case "Admin":
      return { word: decision, glyph: allowHere, words: "allowed to admin" };
    case "EntryAllows":
      return { word: decision, glyph: isHere ? allowHere : allowAbove, words: `allowed, ${from}` };
    case "EntryDenies":
      return { word: decision, glyph: isHere ? denyHere : denyAbove, words: `denied, ${from}` };
    case "InheritanceBroken":
      return { word: decision, glyph: gate, words: "denied: inheritance is broken" };
    default:
      return { word: decision, glyph: silent, words: "denied: nothing allows it" };
  }
}

function legend() {
  return html`<ul class="legend" aria-label="Legend">
    <li>${allowHere} allowed here</li>
    <li>${allowAbove} allowed from above</li>
    <li>${denyHere} denied here</li>
    <li>${denyAbove} denied from above</li>
    <li>${gate} stopped by broken inheritance</li>
    <li>${silent} nothing allows it</li>
  </ul>`;
}

/**
 * The rows in their order, without those under closed ones; all that match, and what they lie under, in a search.
 * @param {Playground} app
 * @returns {Node[]}
 */
function shownRows(app) {
  const wanted = app.find.trim().toLowerCase();
  if (wanted) return found(app.policy.nodes, wanted);
  const isListed = (/** @type {Node} */ node) => app.showsAll || app.policy.isTelling(node) || node === app.node;
  const isShown = (/** @type {Node} */ node) => wayUp(node.parent).every((above) => app.open.has(above.path));
  return app.policy.nodes.filter((node) => isListed(node) && isShown(node));
}

/**
 * @param {Node[]} nodes
 * @param {string} wanted
 */
function found(nodes, wanted) {
  /** @type {Set<Node>} */
  const shown = new Set();
  for (const node of nodes.filter((each) => objectInWords(each).toLowerCase().includes(wanted))) {
    for (const level of wayUp(node)) shown.add(level);
  }
  return nodes.filter((node) => shown.has(node));
}

/**
 * Arrows, Home, End and letters, as in any tree; a digit asks for the privilege of that column.
 * @param {Playground} app
 * @param {Node[]} rows
 * @param {KeyboardEvent} event
 */
function walkByKey(app, rows, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = Math.max(0, rows.indexOf(app.node));
  const node = rows[at];
  const privilege = app.policy.privileges[Number(event.key) - 1];
  const next = nextRow(app, rows, at, event.key);
  if (privilege) app.ask({ privilege });
  else if (event.key === "ArrowRight" && node.children.length && !app.open.has(node.path)) app.setOpen(node.path, true);
  else if (event.key === "ArrowLeft" && node.children.length && app.open.has(node.path)) app.setOpen(node.path, false);
  else if (next) choose(app, next);
  else return;
  event.preventDefault();
}

/**
 * @param {Playground} app
 * @param {Node[]} rows
 * @param {number} at
 * @param {string} key
 * @returns {Node | undefined}
 */
function nextRow(app, rows, at, key) {
  switch (key) {
    case "ArrowDown":
      return rows[at + 1];
    case "ArrowUp":
      return rows[at - 1];
    case "ArrowRight":
      return rows[at].children.find((child) => rows.includes(child));
    case "ArrowLeft":
      return rows[at].parent;
    case "Home":
      return rows[0];
    case "End":
      return rows[rows.length - 1];
    default:
      return key.length === 1 && /\p{L}/u.test(key) ? byLetter(rows, at, key) : undefined;
  }
}

/**
 * @param {Node[]} rows
 * @param {number} at
 * @param {string} letter
 */
function byLetter(rows, at, letter) {
  const after = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
  return after.find((node) => node.name.toLowerCase().startsWith(letter.toLowerCase()));
}

/**
 * @param {Playground} app
 * @param {Node} node
 */
function choose(app, node) {
  app.ask({ path: node.path });
  requestAnimationFrame(() => {
    /** @type {HTMLElement | null} */
    const row = document.querySelector(".row.asked");
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  });
}

/**
 * @param {Playground} app
 * @param {Node} node
 * @param {Event} event
 */
function twist(app, node, event) {
  event.stopPropagation();
  app.setOpen(node.path, !app.open.has(node.path));
}

/**
 * @param {Playground} app
 * @param {Event} event
 */
function find(app, event) {
  app.find = /** @type {HTMLInputElement} */ (event.target).value;
  app.redraw();
}

/** @param {Playground} app */
function toggleAll(app) {
  app.showsAll = !app.showsAll;
  app.redraw();
}
