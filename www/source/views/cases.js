/**
 * The gallery: every rule as a sentence, with the policy that shows it; and all of them put to this browser.
 *
 * @typedef {import("../playground.js").Playground} Playground
 * @typedef {import("../cases.js").Case} Case
 * @typedef {import("../cases.js").Check} Check
 * @typedef {{ all: Case[] | undefined, chosen: Case | undefined, stage: number, find: string, run: { done: number, all: number, faults: Map<string, string[]>, isOver: boolean } | undefined }} Gallery
 */
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { allCases, policyOf, runAll } from "../cases.js";
import { messageOf } from "../playground.js";
import { inWords } from "../principals.js";
import { allowHere, denyHere, icon } from "./glyphs.js";
import { counted, whoInWords } from "./words.js";

/** The beginning of 2026, when a case is asked unless it says otherwise. */
const BEGINNING = Date.UTC(2026, 0, 1);

/** @type {Gallery} */
const gallery = { all: undefined, chosen: undefined, stage: 0, find: "", run: undefined };

/** @param {Playground} app */
export function cases(app) {
  if (!gallery.all) fetchAll(app);
  return html`<div class="gallery">
    <section class="panel case-list" aria-labelledby="cases-title">
      <header>
        <h2 id="cases-title">The rules as cases</h2>
        <button
          class="primary"
          id="run-all"
          ?disabled=${Boolean(gallery.run && !gallery.run.isOver)}
          @click=${() => run(app)}
        >
          Run all cases in this browser
        </button>
      </header>
      ${progress()}
      <input
        type="search"
        aria-label="Find a case"
        placeholder="Find a case"
        .value=${live(gallery.find)}
        @input=${(/** @type {Event} */ event) => {
          gallery.find = /** @type {HTMLInputElement} */ (event.target).value;
          app.redraw();
        }}
      />
      ${gallery.all ? list(app) : html`<p class="hint">They are being fetched.</p>`}
    </section>
    ${gallery.chosen ? detail(app, gallery.chosen) : html`${invitation()}`}
  </div>`;
}

function invitation() {
  const all = gallery.all ?? [];
  return html`<section class="panel case">
    <p class="where">${counted(all.length, "case")}, ${counted(new Set(all.map(folderOf)).size, "chapter")}</p>
    <h2>Each case is one sentence of the rules, and the policy that shows it.</h2>
    <p class="hint">
      Choose one: its policy is opened, and its questions are asked of it. The same files are put to the native engine,
      to wasmtime, to the command line, to Node and to browsers, and every answer must have the same bytes.
    </p>
  </section>`;
}

/** @param {Playground} app */
function fetchAll(app) {
  gallery.all = [];
  allCases().then(
    (all) => {
      gallery.all = all;
      app.redraw();
    },
    (fault) => app.say("bad", messageOf(fault)),
  );
}

function progress() {
  const { run: now } = gallery;
  if (!now) return nothing;
  const failed = now.faults.size;
  return html`<div class="progress ${now.isOver ? "over" : ""} ${failed ? "bad" : ""}">
    <progress max=${now.all} value=${now.done} aria-label="Cases that were run"></progress>
    <p role="status" id="run-result">
      ${now.isOver ? html`${failed ? denyHere : allowHere} <b>${now.all - failed} passed, ${failed} failed</b>: ${failed ? [...now.faults.keys()].join(", ") : "the same bytes as the native engine."}` : `${now.done} of ${now.all}`}
    </p>
  </div>`;
}

/** @param {Playground} app */
function list(app) {
  const wanted = gallery.find.trim().toLowerCase();
  const found = (gallery.all ?? []).filter((each) => `${each.name} ${each.title}`.toLowerCase().includes(wanted));
  const folders = [...new Set(found.map(folderOf))];
  return html`<div class="folders">
    ${folders.map(
      (folder) =>
        html`<details ?open=${Boolean(wanted) || folder === folderOf(gallery.chosen) || folder === "evaluation"}>
          <summary>
            ${folder.replaceAll("-", " ")} <small>${found.filter((each) => folderOf(each) === folder).length}</small>
          </summary>
          <ul>
            ${found.filter((each) => folderOf(each) === folder).map((each) => html`<li><button class="linked ${each === gallery.chosen ? "asked" : ""}" data-case=${each.name} @click=${() => open(app, each, lastStageThatAsks(each))}>${each.title}</button></li>`)}
          </ul>
        </details>`,
    )}
  </div>`;
}

/**
 * @param {Playground} app
 * @param {Case} example
 */
function detail(app, example) {
  return html`<section class="panel case" aria-labelledby="case-title">
    <p class="where">${folderOf(example).replaceAll("-", " ")}</p>
    <h2 id="case-title">${example.title}</h2>
    <ol class="stages">
      ${example.stages.map(
        (stage, index) =>
          html`<li class=${index === gallery.stage ? "asked" : ""}>
            ${example.stages.length > 1 ? html`<button class="linked" @click=${() => open(app, example, index)}>Stage ${index + 1}</button>` : nothing}
            ${stage.at ? html`<p class="hint">at ${stage.at}</p>` : nothing}
            ${(stage.given ?? []).map((command) => commandLine("given", command))}
            ${stage.when ? [stage.when].flat().map((command) => commandLine(`when ${typeof stage.as === "string" ? whoInWords(stage.as) : stage.as ? "a session" : "admin"} does`, command)) : nothing}
            ${stage.then ? html`<p class="then"><i>then</i> <code>${JSON.stringify(stage.then)}</code></p>` : nothing}
            ${(stage.check ?? []).flatMap(eachCheck).map((check) => checkLine(app, example, index, check))}
            ${(stage.ask ?? []).map((asked) => html`<p class="then"><i>ask</i> <code>${JSON.stringify(asked.question)}</code> <i>expect</i> <code>${JSON.stringify(asked.expect)}</code></p>`)}
          </li>`,
      )}
    </ol>
    <button class="soft" @click=${() => app.show("access")}>See its policy ${icon("right")}</button>
  </section>`;
}

/**
 * @param {string} word
 * @param {any} command
 */
function commandLine(word, command) {
  const [name, said] = Object.entries(command)[0];
  const words = Object.entries(/** @type {Record<string, unknown>} */ (said)).map(
    ([field, value]) => `${field}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return html`<p class="then"><i>${word}</i> <code>${name}</code> <small>${words.join(", ")}</small></p>`;
}

/**
 * @param {Playground} app
 * @param {Case} example
 * @param {number} stage
 * @param {{ who: string, may: string, on: string, at?: string, answer: string, reason?: string }} check
 */
function checkLine(app, example, stage, check) {
  const ask = async () => {
    if (stage !== gallery.stage) await open(app, example, stage);
    app.setClock(Date.parse(check.at ?? example.stages[stage].at ?? "") || BEGINNING);
    app.ask({ who: check.who, privilege: check.may, path: check.on });
    app.show("access");
  };
  return html`<button class="check" @click=${ask}>
    ${check.answer === "allow" ? allowHere : denyHere}
    <span
      >May <b>${whoInWords(check.who)}</b>
      <b>${inWords(check.may)}</b> ${check.on}?${check.at ? html` <small>at ${check.at}</small>` : nothing}</span
    >
    <span class="answer">${check.answer === "allow" ? "Yes" : "No"} <small>${check.reason ?? ""}</small></span>
  </button>`;
}

/**
 * A check may be about several principals, privileges and objects; each makes a line.
 * @param {Check} check
 */
function eachCheck(check) {
  const all = (/** @type {string | string[]} */ one) => [one].flat();
  return all(check.who).flatMap((who) =>
    all(check.may).flatMap((may) => all(check.on).map((on) => ({ ...check, who, may, on }))),
  );
}

/**
 * @param {Playground} app
 * @param {Case} example
 * @param {number} stage
 */
async function open(app, example, stage) {
  gallery.chosen = example;
  gallery.stage = stage;
  try {
    const [check] = (example.stages[stage].check ?? []).flatMap(eachCheck);
    const at = Date.parse(check?.at ?? example.stages[stage].at ?? "") || BEGINNING;
    const question = check ? { who: check.who, privilege: check.may, path: check.on } : {};
    app.replace(await app.load(await policyOf(example, stage)), {
      title: example.title,
      at,
      question,
      about: `opening the case “${example.title}”`,
    });
  } catch (fault) {
    app.say("bad", messageOf(fault));
  }
}

/** @param {Playground} app */
async function run(app) {
  const tell = (/** @type {number} */ done, /** @type {number} */ all, /** @type {Map<string, string[]>} */ faults) => {
    gallery.run = { done, all, faults, isOver: false };
    app.redraw();
  };
  try {
    const { all, faults } = await runAll(tell);
    gallery.run = { done: all, all, faults, isOver: true };
    app.redraw();
  } catch (fault) {
    app.say("bad", messageOf(fault));
  }
}

/** @param {Case} example */
function lastStageThatAsks(example) {
  const index = example.stages.findLastIndex((stage) => stage.check);
  return index < 0 ? example.stages.length - 1 : index;
}

/** @param {Case | undefined} example */
function folderOf(example) {
  return example?.name.split("/").slice(0, -1).join(", ") ?? "";
}
