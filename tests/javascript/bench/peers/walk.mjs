/** What somebody would write by hand: hash maps, and the walk up the tree in JavaScript. */

/**
 * @param {ReturnType<typeof import("./records.mjs").readRecords>} records
 * @returns {(principal: string, privilege: string, path: string) => boolean}
 */
export function walkByHand({ nodes, principals, privileges }) {
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
