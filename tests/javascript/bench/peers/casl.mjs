/**
 * `@casl/ability`, in three encodings. An ability is what one user may do; the last rule that applies decides.
 */

import { createMongoAbility } from "@casl/ability";

import { depth, scope } from "./records.mjs";

/**
 * @typedef {ReturnType<typeof import("./records.mjs").readRecords>} Records
 * @typedef {import("./records.mjs").ObjectNode} ObjectNode
 * @typedef {(principal: string, privilege: string, path: string) => boolean} Check
 */

/**
 * As its guide has it: rules with conditions on one type of subject. A subject carries the ids of the objects whose
 * entries hold for it; rules stand in the order from the root to the leaves, a level's denials last. So the nearest
 * level decides, and CASL looks at the rules one by one.
 *
 * @param {Records} records
 * @param {string} reader
 * @returns {Check}
 */
export function withConditions(records, reader) {
  const levels = records.nodes.filter(({ entries }) => entries.length > 0).sort((one, other) => depth(one) - depth(other));
  const rules = levels.flatMap((node) => rulesOf(records, node, reader, "object", { scope: node.id }));
  const ability = createMongoAbility(rules, { detectSubjectType: () => "object" });
  const subjects = new Map(records.nodes.map((node) => [node.path, { scope: [...scope(node)].map(({ id }) => id) }]));
  return (_, privilege, path) => ability.can(privilege, subjects.get(path));
}

/**
 * CASL finds a rule by subject type and action in hash maps. So every object is a type of its own, and the application
 * walks its tree and asks at each level for the rule that decides there.
 *
 * @param {Records} records
 * @param {string} reader
 * @returns {Check}
 */
export function withTypes(records, reader) {
  const rules = records.nodes.flatMap((node) => rulesOf(records, node, reader, typeOf(node)));
  const ability = createMongoAbility(rules);
  const objects = new Map(records.nodes.map((node) => [node.path, node]));
  return (_, privilege, path) => {
    for (let node = objects.get(path); node !== undefined; node = node.inheriting ? node.parent : undefined) {
      const rule = ability.relevantRuleFor(privilege, typeOf(node));
      if (rule !== null) return !rule.inverted;
    }
    return false;
  };
}

/**
 * The answers, worked out beforehand by somebody else: one rule for each object, of what the reader may do to it. That
 * is as fast as CASL can be. A change of one entry may mean to make all of it again.
 *
 * @param {Records} records
 * @param {string} reader
 * @param {Check} decide Who works them out.
 * @returns {Check}
 */
export function withAnswers({ nodes, privileges }, reader, decide) {
  const rules = nodes.flatMap(({ path }) => {
    const action = path === "" ? [] : privileges.filter((privilege) => decide(reader, privilege, path));
    return action.length === 0 ? [] : [{ action, subject: path }];
  });
  const ability = createMongoAbility(rules);
  return (_, privilege, path) => ability.can(privilege, path);
}

/** A type's name is not empty, as the paths of what lies outside the tree are. */
function typeOf({ path, id }) {
  return path === "" ? `#${id}` : path;
}

/** The rules that one object's entries make for the reader: allowances, then denials, which so outweigh them. */
function rulesOf({ principals, privileges }, { entries }, reader, subject, conditions) {
  const { matched } = principals.get(reader);
  const matching = entries.filter(({ principal }) => matched.has(principal));
  const named = (mask) => privileges.filter((_, bit) => ((mask >> bit) & 1) === 1);
  const rule = (action, inverted) => ({ action, subject, inverted, ...(conditions && { conditions }) });
  const allowed = named(matching.reduce((mask, { allow }) => mask | allow, 0));
  const denied = named(matching.reduce((mask, { deny }) => mask | deny, 0));
  return [rule(allowed, false), rule(denied, true)].filter(({ action }) => action.length > 0);
}
