/** What somebody would write by hand: hash maps, and the walk up the tree in JavaScript. */

/** @typedef {ReturnType<typeof import("./records.mjs").readRecords>} Records */

/**
 * By path and by name: one object leads to the next above it.
 *
 * @param {Records} records
 * @returns {(principal: string, privilege: string, path: string) => boolean}
 */
export function walkByNames({ nodes, principals, privileges }) {
  const objects = new Map(nodes.map((node) => [node.path, node]));
  const bits = new Map(privileges.map((name, bit) => [name, 1 << bit]));
  return (principal, privilege, path) => {
    const bit = bits.get(privilege);
    const { matched } = principals.get(principal);
    for (let node = objects.get(path); node !== undefined; node = node.inheriting ? node.parent : undefined) {
      const said = says(node.entries, matched, bit);
      if (said !== undefined) return said;
    }
    return false;
  };
}

/**
 * By numbers that were given out beforehand: an object in a map by its number, which tells that of its parent.
 *
 * @param {Records} records
 * @returns {(principal: number, bit: number, object: number) => boolean}
 */
export function walkByIds({ nodes, principals }) {
  const objects = new Map(nodes.map(({ id, parent, inheriting, entries }) => [id, { parent: parent?.id, inheriting, entries }]));
  const people = new Map([...principals.values()].map(({ id, matched }) => [id, matched]));
  return (principal, bit, id) => {
    const matched = people.get(principal);
    for (let object = objects.get(id); object !== undefined; object = object.inheriting ? objects.get(object.parent) : undefined) {
      const said = says(object.entries, matched, bit);
      if (said !== undefined) return said;
    }
    return false;
  };
}

/** What one object's entries settle: a denial, before any other entry's allowance, or an allowance, or nothing. */
function says(entries, matched, bit) {
  let said;
  for (const { principal, allow, deny } of entries) {
    if (((allow | deny) & bit) === 0 || !matched.has(principal)) continue;
    if ((deny & bit) !== 0) return false;
    said = true;
  }
  return said;
}
