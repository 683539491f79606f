/**
 * The policy as every peer needs it: objects with what lies above them and their entries, and whom entries match.
 */

/**
 * @typedef {object} Entry
 * @property {number} principal
 * @property {number} allow The privileges that it allows, one bit each.
 * @property {number} deny The privileges that it denies.
 *
 * @typedef {object} ObjectNode
 * @property {number} id
 * @property {string} path Empty for what lies outside the tree: `server` and the other system objects, the directory.
 * @property {ObjectNode | undefined} parent
 * @property {boolean} inheriting Whether what its entries do not settle is for its parent to say.
 * @property {Entry[]} entries
 *
 * @typedef {object} Principal
 * @property {number} id
 * @property {string} name
 * @property {Set<number>} matched Whose entries match: its own, those of its groups and of theirs, Everyone's.
 */

/** Everybody's group is the first principal of every policy. */
const EVERYONE = 1;

/**
 * Reads the records that the example `estate` of the crate `conformance` has written.
 *
 * @param {string} text
 * @param {string[]} privileges The order of the bits.
 */
export function readRecords(text, privileges) {
  const { objects, principals, members, entries } = JSON.parse(text);
  const nodes = readObjects(objects);
  for (const [object, principal, allow, deny] of entries) nodes.get(object).entries.push({ principal, allow, deny });
  const groups = readGroups(members);
  return {
    privileges,
    /** @type {ObjectNode[]} */
    nodes: [...nodes.values()],
    /** By name, such as `user:ann`. @type {Map<string, Principal>} */
    principals: new Map(principals.map(([id, name]) => [name, { id, name, matched: matched(id, groups) }])),
  };
}

/** @returns {Map<number, ObjectNode>} */
function readObjects(objects) {
  const nodes = new Map();
  // What lies above comes first.
  for (const [id, parent, inheriting, path] of objects) {
    nodes.set(id, { id, path, parent: nodes.get(parent), inheriting, entries: [] });
  }
  return nodes;
}

/** The groups that hold each principal directly. */
function readGroups(members) {
  const groups = new Map();
  for (const [group, member] of members) groups.set(member, [...(groups.get(member) ?? []), group]);
  return groups;
}

function matched(id, groups) {
  const all = new Set([id]);
  // A set that grows while it is gone through is gone through to its new end.
  for (const one of all) for (const group of groups.get(one) ?? []) all.add(group);
  return all.add(EVERYONE);
}

/**
 * The object and what lies above it, up to where inheritance is broken.
 *
 * @param {ObjectNode} node
 */
export function* scope(node) {
  for (let at = node; at !== undefined; at = at.parent) {
    yield at;
    if (!at.inheriting) return;
  }
}

/**
 * How far below the root.
 *
 * @param {ObjectNode} node
 */
export function depth({ parent }) {
  return parent === undefined ? 0 : 1 + depth(parent);
}
