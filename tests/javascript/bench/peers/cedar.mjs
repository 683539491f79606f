/**
 * `@cedar-policy/cedar-wasm`. In Cedar a `forbid` always wins, wherever it stands, so that entries cannot become
 * policies: the nearest level could not outweigh what is above it. What it can express is one policy that goes through
 * the levels by itself: level 0 is the nearest list that says anything of the privilege.
 *
 * Asked in its fastest documented way: the policies parsed beforehand (`statefulIsAuthorized`), without a schema and
 * without entities, which it would read anew at each call. Whom the user's entries are for and what the object's levels
 * say are sets of numbers in the context, which lies ready before the clock starts.
 */

import { scope } from "./records.mjs";

/** As many lists as may lie above each other in the estate: a policy cannot loop. */
const LEVELS = 9;

/**
 * @typedef {import("./records.mjs").ObjectNode} ObjectNode
 * @typedef {typeof import("@cedar-policy/cedar-wasm/nodejs")} Cedar
 */

/**
 * The calls that put these questions.
 *
 * @param {import("./casl.mjs").Records} records
 * @param {import("../questions.mjs").Questions} questions
 * @param {Cedar} cedar
 */
export function calls(records, { principal, privilege, path }, cedar) {
  for (const name of records.privileges) preparse(cedar, name);
  const known = new Map(records.nodes.map((node) => [node.path, node]));
  const people = new Map([...records.principals].map(([name, { matched }]) => [name, [...matched]]));
  return path.map((name, at) => ({
    principal: { type: "Principal", id: principal[at] },
    action: { type: "Action", id: privilege[at] },
    resource: { type: "Object", id: name },
    context: {
      matched: people.get(principal[at]),
      ...levels(known.get(name), 1 << records.privileges.indexOf(privilege[at])),
    },
    preparsedPolicySetId: privilege[at],
    entities: [],
  }));
}

/**
 * @param {Cedar} cedar
 * @param {ReturnType<typeof calls>[number]} call
 */
export function allows(cedar, call) {
  const answer = cedar.statefulIsAuthorized(call);
  if (answer.type === "failure") throw new Error(JSON.stringify(answer.errors));
  return answer.response.decision === "allow";
}

/** One set of policies for each privilege: fewer to look at. */
function preparse(cedar, privilege) {
  const policy = `permit(principal, action == Action::"${privilege}", resource) when { ${decides(0)} };`;
  const parsed = cedar.preparsePolicySet(privilege, { staticPolicies: policy });
  if (parsed.type === "failure") throw new Error(JSON.stringify(parsed.errors));
}

/** What decides from this level up: a denial, an allowance, or else the next. */
function decides(level) {
  if (level === LEVELS) return "false";
  return `context has deny${level} && !context.matched.containsAny(context.deny${level})
    && (context.matched.containsAny(context.allow${level}) || ${decides(level + 1)})`;
}

/** Whom the levels deny and allow what the bit stands for. @param {ObjectNode} node @param {number} bit */
function levels(node, bit) {
  const sets = {};
  let level = 0;
  for (const { entries } of scope(node)) {
    const saying = entries.filter(({ allow, deny }) => ((allow | deny) & bit) !== 0);
    if (saying.length === 0) continue;
    for (const kind of ["deny", "allow"]) {
      const named = saying.filter((entry) => (entry[kind] & bit) !== 0);
      sets[`${kind}${level}`] = named.map(({ principal }) => principal);
    }
    level++;
  }
  return sets;
}
