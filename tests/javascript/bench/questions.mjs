/**
 * What is asked, and the native engine's answers.
 *
 * Each question owns its texts, which lie in the order of asking: a caller has just made the path that it asks about,
 * and fetching it is not the check.
 */

/**
 * @typedef {object} Questions
 * @property {string[]} principal
 * @property {string[]} privilege
 * @property {string[]} path
 * @property {boolean[]} allowed What the native engine says.
 *
 * @typedef {object} List
 * @property {string[]} path
 * @property {string[]} shown Those that may be shown, as the native engine says.
 */

/**
 * Reads the questions that the example `estate` of the crate `conformance` has written.
 *
 * @param {string} text
 */
export function readQuestions(text) {
  const asked = JSON.parse(text);
  const uniform = readChecks(asked.questions);
  return {
    /** How much of everything. @type {{objects: number, entries: number, users: number, groups: number}} */
    size: asked.size,
    /** The order of the bits of a mask. @type {string[]} */
    privileges: asked.privileges,
    /** Each question as often as any other. */
    uniform,
    /** As people ask, the nth question in proportion to 1/n. */
    skewed: pick(uniform, asked.skewed),
    /** Few, asked again and again: a page that is drawn anew. */
    page: first(uniform, 1024),
    /** Whose interface is drawn. @type {string} */
    reader: asked.reader,
    /** The same questions, all of the reader. */
    readers: readChecks(asked.readers),
    /** What lists are filtered by. @type {string} */
    shown: asked.shown,
    /** Objects from everywhere in some lists, and what of each may be shown to the reader. @type {List[]} */
    mixed: asked.lists.map(readList),
    /** Lists as people look at them: of neighbours in the tree. @type {List[]} */
    ordered: asked.neighbours.map(readList),
    /** @type {{principal: string, privilege: string, path: string, reply: object}[]} */
    explanations: asked.explanations,
    /** @type {{privilege: string, path: string, reply: string[]}[]} */
    whoCan: asked.whoCan,
    /** @type {{principal: string, privilege: string, under: string, reply: string[]}[]} */
    whatCan: asked.whatCan,
    /** What some users may do to anything at all. @type {{principal: string, privilege: string, reply: string[]}[]} */
    everything: asked.everything,
    /** What a listing of some project shows to some users. @type {{principal: string, under: string, reply: string[]}[]} */
    listings: asked.listings,
    /**
     * Changes by their kinds, with what takes them back and a question in between.
     *
     * @type {Record<string, {make: object, undo: object, question: {principal: string, privilege: string, path: string,
     *     allowed: boolean}}[]>}
     */
    changes: asked.changes,
    /** What would change by some commands. @type {{commands: object[], reply: object[]}[]} */
    previews: asked.previews,
  };
}

/** @returns {Questions} */
function readChecks({ principal, privilege, path, allowed }) {
  return { principal, privilege, path, allowed: [...allowed].map((digit) => digit === "1") };
}

/** @returns {List} */
function readList({ path, allowed }) {
  return { path, shown: path.filter((_, at) => allowed[at] === "1") };
}

/**
 * Questions in another order.
 *
 * @param {Questions} questions
 * @param {number[]} places
 * @returns {Questions}
 */
function pick(questions, places) {
  const { principal, privilege, path, allowed } = questions;
  const reorder = (list) => places.map((place) => list[place]);
  return fresh({
    principal: reorder(principal),
    privilege: reorder(privilege),
    path: reorder(path),
    allowed: reorder(allowed),
  });
}

/**
 * The first questions only, for whoever is slow.
 *
 * @param {Questions} questions
 * @param {number} count
 * @returns {Questions}
 */
export function first({ principal, privilege, path, allowed }, count) {
  const cut = (list) => list.slice(0, count);
  return { principal: cut(principal), privilege: cut(privilege), path: cut(path), allowed: cut(allowed) };
}

/**
 * The same with texts that no engine has seen: neither their hash nor their place is known to anybody.
 *
 * @template T
 * @param {T} value
 * @returns {T}
 */
export function fresh(value) {
  return JSON.parse(JSON.stringify(value));
}

/**
 * Puts every question to `check`, and counts the wrong answers.
 *
 * @param {Questions} questions
 * @param {(principal: string, privilege: string, path: string) => boolean} check
 */
export function ask({ principal, privilege, path, allowed }, check) {
  let wrong = 0;
  for (let at = 0; at < path.length; at++) {
    if (check(principal[at], privilege[at], path[at]) !== allowed[at]) wrong++;
  }
  return wrong;
}
