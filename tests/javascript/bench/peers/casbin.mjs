/**
 * `casbin`. Under the effect `priority` the first line that matches decides, so that lines in the order from the leaves to
 * the root, a level's denials first, make the nearest level win. But an enforcer goes through its lines one by one. So
 * each object and privilege that is asked about gets an enforcer of its own with the lines of that object's levels. Roles
 * are looked up in sets of ours instead of by Casbin's search, and `enforceSync` spares a turn of the event loop.
 */

import { newEnforcer, newModelFromString } from "casbin";

import { scope } from "./records.mjs";

const MODEL = `
[request_definition]
r = sub
[policy_definition]
p = sub, eft
[role_definition]
g = _, _
[policy_effect]
e = priority(p.eft) || deny
[matchers]
m = g(r.sub, p.sub)
`;

/**
 * Enforcers for these questions, by path and privilege.
 *
 * @param {import("./casl.mjs").Records} records
 * @param {import("../questions.mjs").Questions} questions
 */
export async function enforcers(records, { privilege, path }) {
  const known = new Map(records.nodes.map((node) => [node.path, node]));
  const roles = new Roles(records);
  const made = new Map(path.map((name) => [name, new Map()]));
  for (let at = 0; at < path.length; at++) {
    const bit = 1 << records.privileges.indexOf(privilege[at]);
    made.get(path[at]).set(privilege[at], await enforcer(lines(known.get(path[at]), bit), roles));
  }
  return made;
}

async function enforcer(lines, roles) {
  const enforcer = await newEnforcer(newModelFromString(MODEL));
  enforcer.setRoleManager(roles);
  await enforcer.buildRoleLinks();
  await enforcer.addPolicies(lines);
  return enforcer;
}

/** Whom each line is for and what it says, nearest first; of a principal's lines only the first can decide. */
function lines(node, bit) {
  const found = new Map();
  for (const { entries } of scope(node)) {
    for (const kind of ["deny", "allow"]) {
      for (const { principal, allow, deny } of entries) {
        const says = kind === "deny" ? deny : allow;
        if ((says & bit) !== 0 && !found.has(principal)) found.set(principal, kind);
      }
    }
  }
  return [...found].map(([principal, effect]) => [String(principal), effect]);
}

/** Casbin's role manager: whose entries match each principal, worked out. */
class Roles {
  #matched;

  constructor({ principals }) {
    const sets = [...principals.values()].map(({ name, matched }) => [name, new Set([...matched].map(String))]);
    this.#matched = new Map(sets);
  }

  syncedHasLink(name, group) {
    return this.#matched.get(name)?.has(group) ?? false;
  }

  async hasLink(name, group) {
    return this.syncedHasLink(name, group);
  }

  /** Casbin empties and prints what it takes for its own. */
  async clear() {}

  async printRoles() {}
}
