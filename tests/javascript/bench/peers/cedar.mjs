/**
 * `@cedar-policy/cedar-wasm`. In Cedar a `forbid` always wins, wherever it stands, so that entries cannot become
 * policies: the nearest level could not outweigh what is above it. What it can express is one policy that goes through
 * the levels by itself, from attributes of the object: level 0 is the nearest list that says anything of the privilege.
 *
 * Asked in its fastest documented way: the policies parsed beforehand (`statefulIsAuthorized`), without a schema, with a
 * slice of two entities: the principal with its groups as parents, and the object with its levels. The slices lie
 * ready before the clock starts, which is more than an application could do.
 */

import { scope } from "./records.mjs";

/** As deep as the tree is: a policy cannot loop. */
const LEVELS = 8;

/**
 * @typedef {ReturnType<typeof import("./records.mjs").readRecords>} Records
 * @typedef {import("./records.mjs").ObjectNode} ObjectNode
 * @typedef {typeof import("@cedar-policy/cedar-wasm/web")} Cedar
 */

/**
 * A check on these questions and no others.
 *
 * @param {Records} records
 * @param {import("../questions.mjs").Questions} questions
 * @param {Cedar} cedar
 * @returns {(principal: string, privilege: string, path: string) => boolean}
 */
export function withLevels(records, questions, cedar) {
  for (const privilege of records.privileges) preparse(cedar, privilege);
  const { people, objects } = entitiesFor(records, questions);
  return (principal, privilege, path) => {
    const answer = cedar.statefulIsAuthorized({
      principal: { type: "Principal", id: principal },
      action: { type: "Action", id: privilege },
      resource: { type: "Object", id: path },
      context: {},
      preparsedPolicySetId: privilege,
      entities: [people.get(principal), objects.get(privilege).get(path)],
    });
    if (answer.type === "failure") throw new Error(JSON.stringify(answer.errors));
    return answer.response.decision === "allow";
  };
}

/** One set of policies for each privilege: fewer to look at. */
function preparse(cedar, privilege) {
  const policy = `permit(principal, action == Action::"${privilege}", resource) when { ${levels(0)} };`;
  const parsed = cedar.preparsePolicySet(privilege, { staticPolicies: policy });
  if (parsed.type === "failure") throw new Error(JSON.stringify(parsed.errors));
}

/** What decides from this level up: a denial, an allowance, or else the next. */
function levels(level) {
  if (level === LEVELS) return "false";
  return `resource has deny${level} && !(principal in resource.deny${level})
    && (principal in resource.allow${level} || ${levels(level + 1)})`;
}

/** The entities of these questions: principals by name, and objects by privilege and path. */
function entitiesFor({ nodes, principals, privileges }, { principal, privilege, path }) {
  const known = new Map(nodes.map((node) => [node.path, node]));
  const people = new Map(principal.map((name) => [name, principalEntity(principals.get(name))]));
  const objects = new Map(privileges.map((name) => [name, new Map()]));
  for (let at = 0; at < path.length; at++) {
    const bit = 1 << privileges.indexOf(privilege[at]);
    objects.get(privilege[at]).set(path[at], objectEntity(known.get(path[at]), bit));
  }
  return { people, objects };
}

/** Groups of groups are given as parents too, which spares Cedar to follow them. */
function principalEntity({ name, matched }) {
  return { uid: { type: "Principal", id: name }, attrs: {}, parents: [...matched].map(asMatched) };
}

/** Whom an entry names: its number, and for a user the group of that user alone. */
function asMatched(principal) {
  return { type: "Matched", id: String(principal) };
}

/** @param {ObjectNode} node @param {number} bit */
function objectEntity(node, bit) {
  const attrs = {};
  let level = 0;
  for (const { entries } of scope(node)) {
    const saying = entries.filter(({ allow, deny }) => ((allow | deny) & bit) !== 0);
    if (saying.length === 0) continue;
    const named = (kind) => saying.filter((entry) => (entry[kind] & bit) !== 0).map(({ principal }) => ({ __entity: asMatched(principal) }));
    attrs[`deny${level}`] = named("deny");
    attrs[`allow${level}`] = named("allow");
    level++;
  }
  return { uid: { type: "Object", id: node.path }, attrs, parents: [] };
}
